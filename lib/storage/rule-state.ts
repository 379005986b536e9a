/** An alert that is pending or firing. Times in ms of evaluation time. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAt: number;
  /** Since when the alert only fires because of `keep_firing_for`. */
  readonly keepFiringSince?: number;
  /** As the HTTP API writes it: `1.5e+00`, `+Inf`; JSON has no spelling for all floats. */
  readonly value: string;
}

export type RuleHealth = 'unknown' | 'ok' | 'err';

/** What is known of one rule of one tenant. */
export interface RuleStatus {
  readonly health: RuleHealth;
  readonly lastError?: string;
  /** Wall clock, ms. */
  readonly lastEvaluation: number;
  readonly evaluationSeconds: number;
  /** The latest evaluation time (ms) at which the rule did not fail; its series are ended from there. */
  readonly succeededAt?: number;
  readonly alerts: readonly ActiveAlert[];
}

export interface GroupStatus {
  /** Wall clock, ms. */
  readonly lastEvaluation: number;
  readonly evaluationSeconds: number;
  /** By a key that survives new lines above a rule. */
  readonly rules: Readonly<Record<string, RuleStatus>>;
}

/** How far the rules of one tenant have been evaluated, and what they found last. */
export interface EvaluationState {
  readonly planVersion: string;
  /** Every evaluation time up to here (ms) is done, and its samples are durable. */
  readonly evaluatedTo: number;
  /** How much time (ms) was passed over because the evaluator was away for longer than it catches up. */
  readonly skipped: number;
  /** By file and name. */
  readonly groups: Readonly<Record<string, GroupStatus>>;
}

/** A state, and the number that a replacement has to name. */
export interface RevisedState {
  readonly revision: number;
  readonly state: EvaluationState;
}

export interface RuleStateReader {
  /** The latest state of a tenant; undefined before the first. */
  read(tenant: string): Promise<RevisedState | undefined>;
}

/** The durable state of rules. Any number of evaluators may work on it; of those that began at one revision one wins. */
export interface RuleState extends RuleStateReader {
  /**
   * Puts `state` in place of `revision` (0 for none at all).
   *
   * @returns false, and nothing has changed, when somebody else replaced that revision.
   */
  replace(tenant: string, revision: number, state: EvaluationState): Promise<boolean>;
}
