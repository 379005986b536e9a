import type { Matcher } from '../model/matcher.ts';
import type { Annotations, PositionRange } from './annotations.ts';
import type { Grid, Value } from './value.ts';

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** A function as the type checker sees it. `variadic`: 0 exact, n > 0 up to n optional arguments, -1 any number. */
export interface FunctionSignature {
  readonly name: string;
  readonly argTypes: readonly ValueType[];
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Only with the feature flag `promql-experimental-functions`, as in Prometheus. */
  readonly experimental: boolean;
}

/** One call, its arguments already evaluated over the grid. */
export interface FunctionCall {
  readonly grid: Grid;
  readonly args: readonly Value[];
  /** Where each argument stands in the query. */
  readonly argPositions: readonly PositionRange[];
  /** Where the whole call stands in the query. */
  readonly position: PositionRange;
  /** The metric name in each argument's selector where it has exactly one, for annotation texts; else ''. */
  readonly argMetricNames: readonly string[];
  readonly annotations: Annotations;
  /** The matchers of each argument that is a plain vector or matrix selector, for `absent` and `absent_over_time`. */
  readonly argMatchers?: readonly (readonly Matcher[] | undefined)[];
  /** The query's own times in ms, for `start()`, `end()`, `range()` and `step()`; the grid's where absent. */
  readonly queryTimes?: { readonly start: number; readonly end: number; readonly step: number };
  /** The feature `type-and-unit-labels` is on: whether a series is a counter is read from `__type__`, not its name. */
  readonly typeAndUnitLabels?: boolean;
}

/**
 * Evaluates a call over the whole grid at once. Never mutates its arguments. Series whose name the function drops come
 * back with `dropName` and their labels untouched, so the engine removes names early or late and then checks that label
 * sets are unique.
 */
export type FunctionImplementation = (call: FunctionCall) => Value;

/** What the function room offers the engine: `lib/promql/functions/registry.ts` exports a map of these by name. */
export interface PromqlFunction {
  readonly signature: FunctionSignature;
  readonly evaluate: FunctionImplementation;
}
