import { z } from 'zod';
import { parseRelabelConfig } from '../relabel/parse-relabel-config.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import { type Mistake, MistakesError } from './mistake.ts';
import { closedMap } from './shapes.ts';
import { checkShape, mistakeAt, readYaml } from './yaml-file.ts';

/** A relabel config and the line that it begins on. */
export interface WrittenRelabelConfig {
  readonly config: RelabelConfig;
  readonly line: number;
}

export interface RelabelFile {
  readonly file: string;
  readonly configs: readonly WrittenRelabelConfig[];
}

/**
 * Reads a file of relabel configs: the key `relabel_configs` with a list as Prometheus has it.
 *
 * @throws MistakesError with every mistake of the file.
 */
export function parseRelabelFile(file: string, text: string): RelabelFile {
  const yaml = readYaml(file, text, 'strings');
  const mistakes: Mistake[] = [];
  const shell = checkShape(yaml, [], yaml.value, FILE, mistakes);
  const configs = (shell?.relabel_configs ?? []).flatMap((value, i): WrittenRelabelConfig[] => {
    const path = ['relabel_configs', i];
    const parsed = parseRelabelConfig(value);
    if ('config' in parsed) return [{ config: parsed.config, line: yaml.lineOf(path) }];
    for (const { key, message } of parsed.problems) {
      mistakes.push(mistakeAt(yaml, key === '' ? path : [...path, key], message));
    }
    return [];
  });
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return { file, configs };
}

const FILE = closedMap({
  relabel_configs: z.array(z.unknown(), 'must be a list; a relabel file begins with `relabel_configs:`'),
});
