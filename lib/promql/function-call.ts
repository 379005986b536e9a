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
}

/** Evaluates a call over the whole grid at once. Never mutates its arguments. */
export type FunctionImplementation = (call: FunctionCall) => Value;

/** What the function room offers the engine: `lib/promql/functions/registry.ts` exports a map of these by name. */
export interface PromqlFunction {
  readonly signature: FunctionSignature;
  readonly evaluate: FunctionImplementation;
}
