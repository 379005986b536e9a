/** When rules are evaluated. All in ms. */
export interface EvaluationSettings {
  /** Between two evaluations of a group that names no interval of its own. */
  readonly interval: number;
  /** How long after an evaluation time the evaluation runs, so that samples of that time have arrived. */
  readonly delay: number;
  /** How far back missed evaluations are made up for; what lies before is skipped and counted. */
  readonly maxCatchUp: number;
  /** How far back rates of packs look for series of slow sources; absent: their five minutes. Compiled into the plan. */
  readonly widestWindow?: number;
}

/**
 * A minute, though Prometheus setups often take 30 s: a schedule of EventBridge cannot run more often, and twice as many
 * samples would be written and read for windows of five minutes. The delay covers scrape, batching (`batch_send_deadline`
 * and the worker's window are seconds), queue and worker.
 */
export const DEFAULT_EVALUATION: EvaluationSettings = { interval: 60_000, delay: 60_000, maxCatchUp: 3600_000 };
