import { readFileSync } from 'node:fs';
import { MistakesError } from '../rules/mistake.ts';
import type { Config } from './config.ts';
import { type ParseConfigOptions, parseConfig } from './parse-config.ts';

/**
 * Reads tributary.yml.
 *
 * @throws MistakesError with every mistake of the file: file, line, key, and what to do.
 */
export function loadConfig(file: string, options: ParseConfigOptions = {}): Config {
  return parseConfig(file, readText(file), options);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}; name the file with --config or create it`;
    throw new MistakesError([{ file, line: 0, key: '', message }]);
  }
}
