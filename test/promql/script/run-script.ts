import type { QueryData, QueryResult, ResultSample } from '../../../lib/promql/result.ts';
import type { Querier } from '../../../lib/storage/interface.ts';
import { compareAnnotations, matchesText } from './compare-annotations.ts';
import { compareResult, formatData, formatExpected, pointsOf } from './compare-result.ts';
import { pinnedExpression, usesQueryTimes } from './pinned-expression.ts';
import type { Command, EvalCommand, LoadCommand, Script, VerbCommand } from './script.ts';
import { ScriptStorage } from './script-storage.ts';

/** The part of the engine that scripts need. */
export interface ScriptEngine {
  instantQuery(querier: Querier, query: string, timeMs: number): Promise<QueryResult>;
  rangeQuery(
    querier: Querier,
    query: string,
    times: { readonly start: number; readonly end: number; readonly step: number },
  ): Promise<QueryResult>;
}

/** What became of one `eval`. */
export interface Outcome {
  readonly file: string;
  readonly line: number;
  readonly expression: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; '' when it passed. */
  readonly reason: string;
  readonly expected: string;
  readonly got: string;
}

export interface RunOptions {
  /** Off: commands that touch native histograms are skipped. Default on. */
  readonly nativeHistograms?: boolean;
  /**
   * Carries out the commands that `parseScript` was told to hand over, on what was loaded. Where it answers with a
   * querier, later evals ask that one.
   */
  readonly runVerb?: (command: VerbCommand, storage: ScriptStorage) => Promise<Querier | undefined>;
}

/** One way in which an `eval` is evaluated: as written, pinned with `@`, or as the middle of a range. */
interface Variant {
  readonly name: string;
  readonly expression: string;
  readonly time: number;
}

const MINUTE = 60_000;

/**
 * Runs a script command by command against an empty storage and tells the outcome of every `eval`. An instant query is
 * run a second time pinned by `@` at other evaluation times, and each of these also as the middle step of a range query,
 * wherever the answer must be the same.
 *
 * @throws ScriptError when a load cannot be carried out.
 */
export async function* runScript(
  script: Script,
  engine: ScriptEngine,
  options: RunOptions = {},
): AsyncGenerator<Outcome> {
  const storage = new ScriptStorage();
  let asked: Querier = storage;
  for (const command of script.commands) {
    if (command.kind === 'load') storage.load(script.file, command);
    else if (command.kind === 'clear') storage.clear();
    else if (command.kind === 'verb') asked = (await runVerb(command, storage, options)) ?? asked;
    else if (options.nativeHistograms === false && (storage.holdsHistograms || touchesHistograms(command)))
      yield outcomeOf(script.file, command, 'skipped', { reason: 'native histograms are switched off', got: '' });
    else {
      const failure = await evaluate(command, asked, engine);
      yield outcomeOf(script.file, command, failure === undefined ? 'passed' : 'failed', failure);
    }
  }
}

/** Whether a command holds native histograms, which a float-only engine has to skip. */
export function touchesHistograms(command: Command): boolean {
  if (command.kind === 'load') return command.withNhcb || hasHistogramValues(command);
  return command.kind === 'eval' && 'series' in command.expected && hasHistogramValues(command.expected);
}

async function runVerb(
  command: VerbCommand,
  storage: ScriptStorage,
  options: RunOptions,
): Promise<Querier | undefined> {
  if (options.runVerb === undefined)
    throw new Error(`BUG: nobody runs the verb ${command.verb} of line ${command.line}`);
  return options.runVerb(command, storage);
}

function outcomeOf(
  file: string,
  { line, expression, expected }: EvalCommand,
  status: Outcome['status'],
  { reason, got }: Failure = { reason: '', got: '' },
): Outcome {
  return { file, line, expression, status, reason, expected: formatExpected(expected), got };
}

interface Failure {
  readonly reason: string;
  readonly got: string;
}

async function evaluate(command: EvalCommand, storage: Querier, engine: ScriptEngine): Promise<Failure | undefined> {
  const { times, expression } = command;
  if (times.kind === 'range') return check(command, () => engine.rangeQuery(storage, expression, times));
  for (const variant of variantsOf(command)) {
    const failure = await evaluateVariant(command, variant, storage, engine);
    if (failure !== undefined) return { ...failure, reason: `${variant.name}${failure.reason}` };
  }
  return undefined;
}

async function evaluateVariant(
  command: EvalCommand,
  { expression, time }: Variant,
  storage: Querier,
  engine: ScriptEngine,
): Promise<Failure | undefined> {
  const rewritten = expression !== command.expression;
  const instant = await check(command, () => engine.instantQuery(storage, expression, time), rewritten);
  if (instant !== undefined || !comparableAsRange(command)) return instant;
  const around = { start: time - MINUTE, end: time + MINUTE, step: MINUTE };
  const scalar = command.expected.kind === 'scalar';
  const asRange = await attempt(() => engine.rangeQuery(storage, expression, around));
  if (asRange instanceof Error) return { reason: `as a range query: ${asRange.message}`, got: '' };
  const middle = stepOf(asRange.data, time, scalar);
  const reason = compareResult(command, middle);
  return reason === undefined ? undefined : { reason: `as a range query: ${reason}`, got: formatData(middle) };
}

/** Range queries know no order, no strings and no matrices, and see other steps around the one wanted. */
function comparableAsRange(command: EvalCommand): boolean {
  const { expectations, expected } = command;
  return (
    !expectations.ordered &&
    expectations.fail.length === 0 &&
    expected.kind !== 'string' &&
    expected.kind !== 'range vector' &&
    !usesQueryTimes(command.expression)
  );
}

async function check(
  command: EvalCommand,
  query: () => Promise<QueryResult>,
  rewritten = false,
): Promise<Failure | undefined> {
  const { fail } = command.expectations;
  const result = await attempt(query);
  if (result instanceof Error) {
    if (fail.length > 0 && fail.every((want) => matchesText(want, result.message))) return undefined;
    const want = fail[0]?.message ?? fail[0]?.regex?.source;
    return {
      reason: want === undefined ? `the query fails: ${result.message}` : `it fails otherwise than ${want}`,
      got: String(result),
    };
  }
  const got = formatData(result.data);
  if (fail.length > 0) return { reason: 'the query is expected to fail', got };
  const reason = compareResult(command, result.data) ?? compareAnnotations(command.expectations, result, rewritten);
  return reason === undefined ? undefined : { reason, got };
}

/** Everything but a bug in the script runner itself is an outcome of the query. */
async function attempt(query: () => Promise<QueryResult>): Promise<QueryResult | Error> {
  try {
    return await query();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function variantsOf(command: EvalCommand): Variant[] {
  const { expression, times, expected } = command;
  if (times.kind !== 'instant') throw new Error('BUG: only instant queries have variants');
  const asWritten = { name: '', expression, time: times.time };
  const pinned = expected.kind === 'range vector' ? undefined : pinnedExpression(expression, times.time);
  if (pinned === undefined) return [asWritten];
  return [
    asWritten,
    ...otherTimes(times.time).map((time) => ({ name: `pinned, at ${time} ms: `, expression: pinned, time })),
  ];
}

function otherTimes(time: number): readonly number[] {
  return time === 0 ? [-1000, 0, 1000] : [-10 * time, 0, Math.round(time / 5), time, 10 * time];
}

/** One step of a range query's answer in the form of an instant query's. */
function stepOf(data: QueryData, time: number, scalar: boolean): QueryData {
  if (data.kind !== 'matrix') return data;
  const samples = data.series.flatMap((series): ResultSample[] => {
    const point = pointsOf(series).find(({ timestamp }) => timestamp === time);
    return point === undefined ? [] : [{ labels: series.labels, timestamp: time, value: point.value }];
  });
  const [first] = samples;
  return scalar && typeof first?.value === 'number'
    ? { kind: 'scalar', timestamp: time, value: first.value }
    : { kind: 'vector', samples };
}

function hasHistogramValues(holder: Pick<LoadCommand, 'series'>): boolean {
  return holder.series.some(({ values }) => values.some((value) => value.kind === 'histogram'));
}
