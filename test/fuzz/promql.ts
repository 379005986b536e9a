import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { compareLabels } from '../../lib/model/labels.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { ExecutionError, ParseError, QueryTimeoutError } from '../../lib/promql/errors.ts';
import { SIGNATURES } from '../../lib/promql/functions/signatures.ts';
import type { QueryResult } from '../../lib/promql/result.ts';
import type { Querier } from '../../lib/storage/interface.ts';
import { ColumnQuerier } from '../promql/column-querier.ts';
import { Choices } from '../promql/differential/choices.ts';
import { buildDataset, DATA_START, toColumns } from '../promql/differential/dataset.ts';
import { ExpressionGenerator } from '../promql/differential/expression-generator.ts';
import { parseScript } from '../promql/script/parse-script.ts';
import { ScriptStorage } from '../promql/script/script-storage.ts';

/** No query may take longer, timeouts included. */
const SLOWEST_MS = 1000;
const TIMEOUT_MS = 500;

const WORDS = [
  ...'( ) { } [ ] , : + - * / % ^ == != > < >= <= =~ !~ = @ " \' ` # \\ . ; _ é 😀 \0'.split(' '),
  ...'and or unless atan2 bool on ignoring group_left group_right by without offset start() end() step() range()'.split(
    ' ',
  ),
  ...'fill(0) fill_left(1) fill_right(NaN) anchored smoothed sum topk limitk limit_ratio quantile count_values'.split(
    ' ',
  ),
  ...'5m 0s 1y 1ms 99999999999y 1e308 -1e-320 0x7fffffffffffffff NaN Inf 1_000 [5m] [5m:] [5m:1ms] [1y:1s]'.split(' '),
  ...'native native{x="1"} latency_seconds_bucket {__name__=~".+"} "text" (a+)+$ @-1 offset-5m'.split(' '),
];

export interface FuzzReport {
  readonly queries: number;
  readonly answered: number;
  readonly refused: number;
  readonly timedOut: number;
  readonly slowestMs: number;
  readonly slowest: string;
  /** What must not happen: other errors, answers out of order, queries that take too long. */
  readonly failures: readonly string[];
}

/** Puts `count` generated and mutated expressions to an engine with small limits. The same seed asks the same. */
export async function fuzzPromql(count: number, seed: number): Promise<FuzzReport> {
  const engine = limitedEngine();
  const querier = smallQuerier(seed);
  const mutator = new Mutator(seed);
  const report = {
    queries: 0,
    answered: 0,
    refused: 0,
    timedOut: 0,
    slowestMs: 0,
    slowest: '',
    failures: [] as string[],
  };
  for (; report.queries < count; report.queries++) {
    const query = mutator.next();
    const began = performance.now();
    const outcome = await ask(engine, querier, query, report.queries);
    const elapsed = performance.now() - began;
    if (elapsed > report.slowestMs) Object.assign(report, { slowestMs: elapsed, slowest: query });
    if (elapsed > SLOWEST_MS) report.failures.push(`${elapsed.toFixed(0)} ms for ${JSON.stringify(query)}`);
    if (outcome === 'answered' || outcome === 'refused' || outcome === 'timedOut') report[outcome]++;
    else report.failures.push(`${JSON.stringify(query)}: ${outcome}`);
  }
  return report;
}

/** An engine that gives up early. */
export function limitedEngine(): Engine {
  return new Engine({
    lookbackDelta: 300_000,
    timeout: TIMEOUT_MS,
    maxSamples: 100_000,
    defaultSubqueryStep: 60_000,
    features: new Set([
      'promql-experimental-functions',
      'promql-duration-expr',
      'promql-extended-range-selectors',
      'promql-binop-fill-modifiers',
      'promql-delayed-name-removal',
      'use-start-timestamps',
    ]),
    now: Date.now,
  });
}

/** Twenty minutes of floats, and some native histograms. */
export function smallQuerier(seed: number): ColumnQuerier {
  const end = DATA_START + 20 * 60_000;
  const floats = toColumns(buildDataset(seed)).map(({ labels, floats: { timestamps, values } }) => {
    const length = timestamps.findIndex((timestamp) => timestamp > end);
    return { labels, floats: { timestamps: timestamps.slice(0, length), values: values.slice(0, length) } };
  });
  return new ColumnQuerier([...floats, ...histogramSeries()]);
}

/** `answered`, one of the two refusals that are allowed, or what went wrong. */
export async function ask(engine: Engine, querier: Querier, query: string, turn: number): Promise<string> {
  const time = DATA_START + 600_000 + turn;
  try {
    const result =
      turn % 2 === 0
        ? await engine.instantQuery(querier, query, time)
        : await engine.rangeQuery(querier, query, { start: time, end: time + 300_000, step: 30_000 });
    return disorder(result) ?? 'answered';
  } catch (error) {
    if (error instanceof QueryTimeoutError) return 'timedOut';
    if (error instanceof ParseError || error instanceof ExecutionError) return 'refused';
    return error instanceof Error
      ? `${error.name}: ${error.message}\n${error.stack?.split('\n').slice(1, 4).join('\n')}`
      : String(error);
  }
}

/** Generates expressions and spoils most of them a little. */
class Mutator {
  readonly #choices: Choices;
  readonly #expressions: ExpressionGenerator;
  readonly #words: readonly string[];

  constructor(seed: number) {
    this.#choices = new Choices(seed);
    this.#expressions = new ExpressionGenerator(seed + 1, { experimental: true });
    this.#words = [...WORDS, ...[...SIGNATURES.keys()].map((name) => `${name}(`), ...SIGNATURES.keys()];
  }

  next(): string {
    const choices = this.#choices;
    let query = this.#expressions.expression();
    // Half of the metric names become the native histogram, so that every function meets one.
    if (choices.chance(0.3)) query = query.replace(/latency_seconds_bucket|memory_bytes|queue_length/g, 'native');
    for (let changes = choices.chance(0.3) ? 0 : choices.integer(1, 4); changes > 0; changes--)
      query = this.#spoil(query);
    return query;
  }

  #spoil(query: string): string {
    const choices = this.#choices;
    const at = choices.integer(0, query.length);
    const to = Math.min(query.length, at + choices.integer(1, 6));
    return choices.way(
      () => query.slice(0, at) + query.slice(to),
      () => `${query.slice(0, at)} ${choices.of(this.#words)} ${query.slice(at)}`,
      () => query.slice(0, at) + choices.of(this.#words) + query.slice(to),
      () => query.slice(0, at) + query.slice(at, to).repeat(choices.integer(2, 5)) + query.slice(to),
      () => this.#replaceWord(query),
      () => this.#replaceWord(query),
      () => `${choices.of([...SIGNATURES.keys()])}(${query})`,
    );
  }

  /** A word for a word: most of these still parse. */
  #replaceWord(query: string): string {
    const words = [...query.matchAll(/[a-zA-Z_][\w:]*|\d+[a-z]*/g)];
    if (words.length === 0) return query;
    const word = this.#choices.of(words);
    return query.slice(0, word.index) + this.#choices.of(this.#words) + query.slice(word.index + word[0].length);
  }
}

function histogramSeries() {
  const storage = new ScriptStorage();
  const script = parseScript(
    'fuzz',
    `load 30s
      native{x="1"} {{schema:0 sum:1 count:3 z_bucket:1 z_bucket_w:0.001 buckets:[1 1]}}+{{sum:5 count:4 buckets:[1 2 1]}}x60
      native{x="2"} {{schema:2 sum:-3 count:2 n_buckets:[2]}}+{{schema:3 sum:1 count:2 buckets:[1 0 1]}}x60
      native{x="3"} {{schema:-53 sum:1 count:3 custom_values:[1 5] buckets:[1 1 1]}}x20 4 stale {{schema:-53 sum:1 count:1 custom_values:[2] buckets:[1]}}x20
      native{x="4"} 1x10 {{sum:NaN count:2 buckets:[2] counter_reset_hint:gauge}}x20 NaN Inf {{sum:1 count:1}}x5`,
  );
  for (const command of script.commands) if (command.kind === 'load') storage.load('fuzz', command);
  return storage.columns(DATA_START);
}

function disorder({ data }: QueryResult): string | undefined {
  if (data.kind !== 'matrix') return undefined;
  for (const [i, series] of data.series.entries()) {
    const before = data.series[i - 1];
    if (before !== undefined && compareLabels(before.labels, series.labels) >= 0)
      return `${series.labels} is out of order`;
    if (series.timestamps.some((time, at) => at > 0 && (series.timestamps[at - 1] as number) >= time)) {
      return `${series.labels} has points out of order`;
    }
  }
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [count = '100000', seed = String(Date.now() % 1e9)] = process.argv.slice(2);
  console.log(`${count} queries, seed ${seed}`);
  const report = await fuzzPromql(Number(count), Number(seed));
  for (const failure of report.failures.slice(0, 50)) console.log(failure);
  const { queries, answered, refused, timedOut, slowestMs, slowest, failures } = report;
  console.log(`slowest: ${slowestMs.toFixed(0)} ms for ${JSON.stringify(slowest)}`);
  console.log(
    `${queries} queries: ${answered} answered, ${refused} refused, ${timedOut} timed out, ${failures.length} failures`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}
