import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { ZodType } from 'zod';
import { type Mistake, MistakesError } from './mistake.ts';

export type YamlPath = readonly (string | number)[];

/** A YAML document that still knows where each of its values stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** The line of a value, or of the nearest thing around it that is there. */
  lineOf(path: YamlPath): number;
}

/**
 * Reads a YAML document. With `strings` every scalar is the text that was written, as Prometheus reads label values;
 * with `core` numbers and booleans are what they look like.
 *
 * @throws MistakesError with all syntax errors, repeated keys included.
 */
export function readYaml(file: string, text: string, schema: 'strings' | 'core'): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: schema === 'strings' ? 'failsafe' : 'core',
    merge: true,
    prettyErrors: false,
  });
  const mistakes = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    key: '',
    message: `this is not YAML: ${error.message.toLowerCase()}`,
  }));
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return {
    file,
    value: toValue(document, file),
    lineOf: (path) => lineAt(document.contents, path, lines),
  };
}

/** Checks a value of the file; its mistakes go to `mistakes`, and the result is then undefined. */
export function checkShape<T>(
  yaml: YamlFile,
  path: YamlPath,
  value: unknown,
  shape: ZodType<T>,
  mistakes: Mistake[],
): T | undefined {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const at = [...path, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
    if (issue.code !== 'unrecognized_keys') mistakes.push(mistakeAt(yaml, at, issue.message));
    else for (const key of issue.keys) mistakes.push(mistakeAt(yaml, [...at, key], issue.message));
  }
  return undefined;
}

export function mistakeAt(yaml: YamlFile, path: YamlPath, message: string): Mistake {
  return { file: yaml.file, line: yaml.lineOf(path), key: formatPath(path), message };
}

/** `groups[0].rules[1].expr` */
export function formatPath(path: YamlPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

function toValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new MistakesError([{ file, line: 0, key: '', message: `this is not YAML: ${(error as Error).message}` }]);
  }
}

function lineAt(root: Node | null, path: YamlPath, lines: LineCounter): number {
  let node: unknown = root;
  let line = startLine(root, lines) ?? 1;
  for (const key of path) {
    const next = isMap(node) ? pairOf(node.items, key) : undefined;
    const child = isSeq(node) ? node.items[Number(key)] : next?.value;
    const found = startLine(next?.key ?? child, lines);
    if (found === undefined) return line;
    line = found;
    node = child;
  }
  return line;
}

function pairOf(items: readonly Pair[], key: string | number): Pair | undefined {
  return items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function startLine(node: unknown, lines: LineCounter): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range ? lines.linePos(range[0]).line : undefined;
}
