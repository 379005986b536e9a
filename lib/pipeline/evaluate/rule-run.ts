import type { Querier } from '../../storage/interface.ts';
import type { ActiveAlert } from '../../storage/rule-state.ts';
import type { RuleEngine } from './ask-rule.ts';
import type { PendingSamples } from './pending-samples.ts';

/** What one rule is evaluated with, over the times that are due. */
export interface RuleRun {
  readonly engine: RuleEngine;
  /** Sees what rules before this one gave. */
  readonly querier: Querier;
  readonly pending: PendingSamples;
  /** Evaluation times, ms ascending. */
  readonly times: readonly number[];
  /** ms; samples are read and written so much earlier than the evaluation time. */
  readonly queryOffset: number;
  /** Most series or alerts; 0 for no limit. */
  readonly limit: number;
  /** Evaluation time (ms) at which the rule last succeeded. */
  readonly succeededAt: number | undefined;
  readonly externalUrl: string;
  /** What templates find in `$externalLabels`; absent: nothing. */
  readonly externalLabels?: ReadonlyMap<string, string>;
}

/** What came of it. */
export interface RuleOutcome {
  /** Of the latest time. */
  readonly error: string | undefined;
  readonly succeededAt: number | undefined;
  readonly alerts: readonly ActiveAlert[];
}
