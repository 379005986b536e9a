import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit, type YAMLMap } from 'yaml';
import type { ZodType } from 'zod';
import { type Mistake, MistakesError } from './mistake.ts';
import { MAX_YAML_DEPTH, tooDeepLine } from './yaml-nesting.ts';

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
  const deep = tooDeepLine(text);
  if (deep !== undefined) throw notYaml(file, deep, `it nests deeper than ${MAX_YAML_DEPTH} levels`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: schema === 'strings' ? 'failsafe' : 'core',
    merge: true,
    // Checked below: the library compares every key of a map with every other.
    uniqueKeys: false,
    prettyErrors: false,
    // Odd keys are found by the shapes, with their line; the library would write to stderr.
    logLevel: 'silent',
  });
  const errors = document.errors.map(({ message, pos: [at] }) => ({ message: message.toLowerCase(), at }));
  const faults = [...errors, ...repeatedKeys(document)].sort((a, b) => a.at - b.at);
  if (faults.length > 0) {
    const mistakes = faults.map(({ message, at }) => notYaml(file, lines.linePos(at).line, message).mistakes);
    throw new MistakesError(mistakes.flat());
  }
  const value = toValue(document, file);
  if (holdsItself(value)) throw notYaml(file, 0, 'an alias stands for something that it is a part of');
  const pairOf = newPairIndex();
  return { file, value, lineOf: (path) => lineAt(document.contents, path, lines, pairOf) };
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
    throw notYaml(file, 0, (error as Error).message);
  }
}

function notYaml(file: string, line: number, reason: string): MistakesError {
  return new MistakesError([{ file, line, key: '', message: `this is not YAML: ${reason}` }]);
}

/** Every key that stands in its map before. */
function repeatedKeys(document: ReturnType<typeof parseDocument>): { message: string; at: number }[] {
  const found: { message: string; at: number }[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) found.push({ message: 'map keys must be unique', at: key.range?.[0] ?? 0 });
        seen.add(key.value);
      }
    },
  });
  return found;
}

/** Aliases may make a value a part of itself, and then nobody comes to its end. */
function holdsItself(value: unknown, around = new Set<unknown>(), done = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (around.has(value)) return true;
  around.add(value);
  const found = Object.values(value).some((part) => holdsItself(part, around, done));
  around.delete(value);
  done.add(value);
  return found;
}

type FindPair = (map: YAMLMap, key: string | number) => Pair | undefined;

function lineAt(root: Node | null, path: YamlPath, lines: LineCounter, pairOf: FindPair): number {
  let node: unknown = root;
  let line = startLine(root, lines) ?? 1;
  for (const key of path) {
    const next = isMap(node) ? pairOf(node, key) : undefined;
    const child = isSeq(node) ? node.items[Number(key)] : next?.value;
    const found = startLine(next?.key ?? child, lines);
    if (found === undefined) return line;
    line = found;
    node = child;
  }
  return line;
}

/** Finds pairs by the text of their key; a file with many mistakes asks for many keys of one map. */
function newPairIndex(): FindPair {
  const indexes = new Map<YAMLMap, Map<string, Pair>>();
  return (map, key) => {
    let index = indexes.get(map);
    if (index === undefined) {
      index = new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
      indexes.set(map, index);
    }
    return index.get(String(key));
  };
}

function startLine(node: unknown, lines: LineCounter): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range ? lines.linePos(range[0]).line : undefined;
}
