import { Engine } from '../../../lib/promql/engine.ts';
import type { QueryFeature } from '../../../lib/promql/query-options.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { Choices } from './choices.ts';
import { type Answer, answerDifference, holdsPoints } from './compare-answers.ts';
import { buildDataset, DATA_END, DATA_START, type DataSeries, toColumns } from './dataset.ts';
import { ExpressionGenerator } from './expression-generator.ts';
import { excuseFor } from './known-differences.ts';
import type { PrometheusServer } from './prometheus-server.ts';

const TENANT = 'differential';

/** One question, put to both engines. Times in ms; they stand on no whole second. */
export interface Question {
  readonly expression: string;
  readonly start: number;
  readonly end: number;
  /** 0: an instant query at `start`. */
  readonly step: number;
}

export interface DifferentialReport {
  readonly compared: number;
  /** Answers that held points, so that they say something. */
  readonly filled: number;
  /** Queries that both refuse. */
  readonly refused: number;
  readonly excused: readonly string[];
  readonly mismatches: readonly string[];
}

/** Asks both engines `count` questions made from `seed`, over the same data written the same way into both stores. */
export async function runDifferential(
  server: PrometheusServer,
  version: string,
  seed: number,
  count: number,
): Promise<DifferentialReport> {
  const data = buildDataset(seed);
  await server.write(toColumns(data));
  const storage = await memoryStorage(data);
  const modern = Number(version.split('.')[0]) >= 3;
  const engine = differentialEngine(modern);
  const questions = new QuestionMaker(seed, modern);
  const report = { compared: 0, filled: 0, refused: 0, excused: [] as string[], mismatches: [] as string[] };
  for (; report.compared < count; report.compared++) {
    const question = questions.next();
    const theirs = await askPrometheus(server, question);
    const ours = await askEngine(engine, storage, question);
    if (holdsPoints(theirs)) report.filled++;
    if (theirs.status === 'error' && ours instanceof Error) report.refused++;
    const ordered = question.step === 0 && /^sort/.test(question.expression);
    const difference = answerDifference(theirs, ours, ordered);
    if (difference === undefined) continue;
    const excuse = excuseFor(version, question.expression, difference);
    const line = `${describeQuestion(question)}\n    ${difference}`;
    if (excuse === undefined) report.mismatches.push(line);
    else report.excused.push(`${line}\n    excused: ${excuse.reason}`);
  }
  return report;
}

/** Makes questions: an expression and when to evaluate it. */
export class QuestionMaker {
  readonly #choices: Choices;
  readonly #expressions: ExpressionGenerator;

  constructor(seed: number, experimental: boolean) {
    this.#choices = new Choices(seed + 1);
    this.#expressions = new ExpressionGenerator(seed + 2, { experimental });
  }

  next(): Question {
    const choices = this.#choices;
    const expression = this.#expressions.expression();
    const start = DATA_START + choices.integer(0, DATA_END - DATA_START + 400_000);
    const offGrid = start - (start % 1000) + 234;
    if (choices.chance(0.5)) return { expression, start: offGrid, end: offGrid, step: 0 };
    const step = choices.of([15_000, 60_000, 300_000, 47_000]);
    return { expression, start: offGrid, end: offGrid + step * choices.integer(0, 40), step };
  }
}

function differentialEngine(modern: boolean): Engine {
  const features: QueryFeature[] = modern ? ['promql-experimental-functions'] : [];
  return new Engine({
    lookbackDelta: 300_000,
    timeout: 60_000,
    maxSamples: 50_000_000,
    defaultSubqueryStep: 60_000,
    features: new Set(features),
    now: Date.now,
  });
}

async function memoryStorage(data: readonly DataSeries[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const appender = storage.appender(TENANT, 'derived');
  for (const { labels, samples } of data) for (const sample of samples) appender.append(labels, sample);
  await appender.commit();
  return storage;
}

function askPrometheus(server: PrometheusServer, { expression, start, end, step }: Question) {
  const query = { query: expression };
  if (step === 0) return server.api('query', { ...query, time: String(start / 1000) });
  return server.api('query_range', {
    ...query,
    start: String(start / 1000),
    end: String(end / 1000),
    step: String(step / 1000),
  });
}

async function askEngine(engine: Engine, storage: MemoryStorage, question: Question): Promise<Answer> {
  const querier = storage.querier(TENANT);
  const { expression, start, end, step } = question;
  try {
    const result =
      step === 0
        ? await engine.instantQuery(querier, expression, start)
        : await engine.rangeQuery(querier, expression, { start, end, step });
    return result.data;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function describeQuestion({ expression, start, end, step }: Question): string {
  return step === 0 ? `${expression}  at ${start}` : `${expression}  from ${start} to ${end} step ${step}`;
}
