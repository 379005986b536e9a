import { Cursor } from '../../../lib/promql/notation/cursor.ts';
import { parseDuration } from '../../../lib/promql/notation/durations.ts';
import { isNumber, parseNumber } from '../../../lib/promql/notation/numbers.ts';
import { readQuotedString } from '../../../lib/promql/notation/quoted-string.ts';
import { parseSeriesLine } from '../../../lib/promql/notation/series-line.ts';
import { type EvalHeader, parseEvalHeader } from './eval-header.ts';
import { ExpectationReader } from './expectation-lines.ts';
import type {
  Command,
  EvalCommand,
  ExpectedResult,
  LoadCommand,
  Script,
  SeriesLine,
  StartTimesLine,
  VerbCommand,
} from './script.ts';
import { ScriptError } from './script-error.ts';

interface SourceLine {
  readonly number: number;
  readonly text: string;
}

/**
 * Parses a script of Prometheus's test language. A command's lines end at the first blank or comment line. Words in
 * `verbs` begin commands of the caller's own, which are handed over unread.
 *
 * @throws ScriptError naming file and line.
 */
export function parseScript(file: string, source: string, verbs: ReadonlySet<string> = new Set()): Script {
  const lines = source.split('\n').map((text, i) => ({ number: i + 1, text: text.trim() }));
  const commands: Command[] = [];
  for (let at = 0; at < lines.length; at++) {
    const head = lines[at] as SourceLine;
    if (isBreak(head)) continue;
    const body: SourceLine[] = [];
    if (!/^(clear|resume)$/.test(head.text)) {
      while (at + 1 < lines.length && !isBreak(lines[at + 1] as SourceLine)) body.push(lines[++at] as SourceLine);
    }
    commands.push(locate(file, head.number, () => parseCommand(file, head, body, verbs)));
  }
  return { file, commands };
}

function isBreak(line: SourceLine): boolean {
  return line.text === '' || line.text.startsWith('#');
}

function parseCommand(
  file: string,
  head: SourceLine,
  body: readonly SourceLine[],
  verbs: ReadonlySet<string>,
): Command {
  const word = /^\S+/.exec(head.text)?.[0] ?? '';
  if (head.text === 'clear') return { kind: 'clear', line: head.number };
  if (verbs.has(word)) return verbCommand(word, head, body);
  if (/^load(_with_nhcb)?$/.test(word)) return loadCommand(file, head, body);
  if (/^eval(_|$)/.test(word)) return evalCommand(file, head, body);
  throw new Error(`unknown command ${JSON.stringify(word)}; expected load, load_with_nhcb, clear or eval`);
}

function verbCommand(verb: string, head: SourceLine, body: readonly SourceLine[]): VerbCommand {
  const rest = head.text.slice(verb.length).trim();
  return { kind: 'verb', line: head.number, verb, rest, body: body.map((line) => line.text) };
}

function loadCommand(file: string, head: SourceLine, body: readonly SourceLine[]): LoadCommand {
  const [word = '', step = '', ...rest] = head.text.split(/\s+/);
  if (step === '' || rest.length > 0) throw new Error('load takes one step, as in: load 5m');
  const series: SeriesLine[] = [];
  const startTimes: StartTimesLine[] = [];
  for (const { number, text } of body) {
    const parsed = locate(file, number, () => parseSeriesLine(text));
    if (parsed.kind === 'values') series.push({ line: number, labels: parsed.labels, values: parsed.values });
    else startTimes.push({ line: number, labels: parsed.labels, offsets: parsed.offsets });
  }
  const withNhcb = word === 'load_with_nhcb';
  return { kind: 'load', line: head.number, step: parseDuration(step), withNhcb, series, startTimes };
}

function evalCommand(file: string, head: SourceLine, body: readonly SourceLine[]): EvalCommand {
  const header = parseEvalHeader(head.text);
  const reader = new ExpectationReader(header.legacy);
  let expected: ExpectedResult = { kind: 'series', series: [] };
  for (const line of body) {
    expected = locate(file, line.number, () => {
      if (/^expect\s/.test(line.text)) return parseExpectedShape(line.text, expected, reader, header);
      if (reader.readLegacy(line.text)) return expected;
      return parseExpectedValue(line, expected, header);
    });
  }
  const { expression, times } = header;
  return { kind: 'eval', line: head.number, expression, times, expectations: reader.finish(), expected };
}

function parseExpectedShape(
  text: string,
  expected: ExpectedResult,
  reader: ExpectationReader,
  header: EvalHeader,
): ExpectedResult {
  const range = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/.exec(text);
  if (range !== null) {
    if (header.times.kind !== 'instant') throw new Error('expect range vector belongs to instant queries');
    const [start, end, step] = range.slice(1).map(parseDuration) as [number, number, number];
    return { kind: 'range vector', start, end, step, series: [] };
  }
  const string = /^expect\s+string\s+(?=["'`])/.exec(text);
  if (string !== null) {
    const cursor = new Cursor(text.slice(string[0].length));
    const value = readQuotedString(cursor);
    if (!cursor.atEnd) throw cursor.error('expected nothing after the string');
    return { kind: 'string', value };
  }
  reader.read(text);
  return expected;
}

function parseExpectedValue(line: SourceLine, expected: ExpectedResult, header: EvalHeader): ExpectedResult {
  if (expected.kind === 'string' || expected.kind === 'scalar') {
    throw new Error(`a ${expected.kind} is expected already, so no further value can be`);
  }
  if (isNumber(line.text)) {
    if (expected.series.length > 0) throw new Error('cannot expect both a scalar and series');
    return { kind: 'scalar', value: parseNumber(line.text) };
  }
  const parsed = parseSeriesLine(line.text);
  if (parsed.kind !== 'values') throw new Error('start times (@st) can be loaded but not expected');
  const { labels, values } = parsed;
  if (expected.kind === 'series' && header.times.kind === 'instant' && values.length !== 1) {
    throw new Error(`an instant query gives one value a series, the line has ${values.length}`);
  }
  return { ...expected, series: [...expected.series, { line: line.number, labels, values }] };
}

/** Adds file and line to whatever goes wrong; a ScriptError knows its line already. */
function locate<T>(file: string, line: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ScriptError || !(error instanceof Error)) throw error;
    throw new ScriptError(file, line, error.message);
  }
}
