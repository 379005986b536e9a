import type { Annotations } from './annotations.ts';
import type { Interruption } from './interruption.ts';
import type { QueryFeature } from './query-options.ts';
import type { QueryTimes } from './resolve-times.ts';
import type { SampleBudget } from './sample-budget.ts';
import type { LoadedSelectors } from './select/loaded-selectors.ts';

/** What the parts of one query's evaluation share. */
export interface Evaluation {
  readonly query: string;
  readonly times: QueryTimes;
  /** Milliseconds. */
  readonly lookbackDelta: number;
  readonly defaultSubqueryStep: number;
  readonly features: ReadonlySet<QueryFeature>;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  readonly interruption: Interruption;
  readonly loaded: LoadedSelectors;
}
