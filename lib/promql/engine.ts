import type { Querier } from '../storage/interface.ts';
import { Annotations } from './annotations.ts';
import { instantResult, rangeResult } from './assemble-result.ts';
import type { Expr } from './ast.ts';
import { checkExtensions } from './check-extensions.ts';
import { ParseError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import { exprType, typeName } from './expr-type.ts';
import { makeGrid } from './grid.ts';
import { Interruption } from './interruption.ts';
import { parseExpr } from './parse.ts';
import type { EngineOptions, QueryOptions } from './query-options.ts';
import { type QueryTimes, resolveTimes } from './resolve-times.ts';
import type { QueryData, QueryResult } from './result.ts';
import { SampleBudget } from './sample-budget.ts';
import { informDownsampled } from './select/inform-downsampled.ts';
import { loadSelectors } from './select/load-selectors.ts';
import { selectionWindows } from './select/selection-windows.ts';
import { statisticsSelectors } from './select/statistics-selectors.ts';
import { windowWishes } from './select/window-wishes.ts';
import type { Grid, Value } from './value.ts';

/** The times of a range query, ms; `end` is included where it lies on the grid. */
export interface QueryRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Prometheus's own defaults. */
const DEFAULTS: EngineOptions = {
  lookbackDelta: 5 * 60_000,
  timeout: 2 * 60_000,
  maxSamples: 50_000_000,
  defaultSubqueryStep: 60_000,
  features: new Set(),
  now: Date.now,
};

/**
 * Evaluates PromQL over a querier. A query is parsed, its selectors are read in parallel, and the rest is computed in
 * columns over the whole grid at once.
 */
export class Engine {
  readonly #options: EngineOptions;

  constructor(options: Partial<EngineOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The feature flags that are on. */
  get features(): EngineOptions['features'] {
    return this.#options.features;
  }

  /**
   * The value of an expression at `time` (ms).
   *
   * @throws ParseError, ExecutionError, QueryTimeoutError, QueryCanceledError, and what the querier throws.
   */
  instantQuery(querier: Querier, query: string, time: number, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#run(querier, query, { start: time, end: time, step: 0 }, options, instantResult, () => {});
  }

  /**
   * The values of an expression at each step of `range`; the expression must be a scalar or an instant vector.
   *
   * @throws ParseError, ExecutionError, QueryTimeoutError, QueryCanceledError, and what the querier throws.
   */
  rangeQuery(querier: Querier, query: string, range: QueryRange, options: QueryOptions = {}): Promise<QueryResult> {
    return this.#run(querier, query, range, options, rangeResult, checkRangeType);
  }

  async #run(
    querier: Querier,
    query: string,
    times: QueryTimes,
    options: QueryOptions,
    assemble: (value: Value, grid: Grid, features: EngineOptions['features']) => QueryData,
    checkType: (expr: Expr) => void,
  ): Promise<QueryResult> {
    const { maxSamples, features, now, defaultSubqueryStep } = this.#options;
    const clock = new Stopwatch();
    const parsed = parseExpr(query, { features });
    checkType(parsed);
    checkExtensions(parsed);
    const expr = resolveTimes(parsed, times);
    const parseMs = clock.lap();

    const budget = new SampleBudget(Math.min(options.maxSamples ?? maxSamples, maxSamples));
    const timeout = Math.min(options.timeout ?? Number.POSITIVE_INFINITY, this.#options.timeout);
    const interruption = new Interruption(now, timeout, options.signal);
    const grid = makeGrid(times.start, times.end, times.step);
    budget.expect(grid.length);
    const lookbackDelta = options.lookbackDelta ?? this.#options.lookbackDelta;
    const windows = selectionWindows(expr, boundsOf(grid), { lookbackDelta, defaultSubqueryStep });
    const statistics = statisticsSelectors(expr);
    const { maxSourceResolution = 0 } = options;
    const wishes = windowWishes(expr, { step: times.step, defaultSubqueryStep, maxSourceResolution });
    const loaded = await interruption.guard((signal) =>
      loadSelectors(querier, windows, { statistics, wishes, budget, interruption, signal }),
    );
    const storeMs = clock.lap();

    const annotations = new Annotations();
    informDownsampled(annotations, windows, loaded);
    const evaluation: Evaluation = {
      query,
      times,
      lookbackDelta,
      defaultSubqueryStep,
      features,
      annotations,
      budget,
      interruption,
      loaded,
    };
    interruption.check('expression evaluation');
    const data = assemble(evaluate(expr, grid, evaluation), grid, features);
    const { seen: totalQueryableSamples, peak: peakSamples } = budget;
    const stats = { totalQueryableSamples, peakSamples, parseMs, storeMs, evalMs: clock.lap() };
    return { data, ...annotations.render(query), stats };
  }
}

function checkRangeType(expr: Expr): void {
  const type = exprType(expr);
  if (type === 'scalar' || type === 'vector') return;
  const name = JSON.stringify(typeName(type));
  throw new ParseError(`invalid expression type ${name} for range query, must be Scalar or instant Vector`);
}

/** The first and last step that a grid has; a grid's own end may lie beyond its last step. */
function boundsOf({ start, step, length }: Grid): { start: number; end: number } {
  return { start, end: start + Math.max(0, length - 1) * step };
}

/** Wall-clock times of the phases of a query, ms. */
class Stopwatch {
  #last = performance.now();

  lap(): number {
    const now = performance.now();
    const elapsed = now - this.#last;
    this.#last = now;
    return elapsed;
  }
}
