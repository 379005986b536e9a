import type { Tenant } from '../context/tenant.ts';
import type { RuleState } from '../storage/rule-state.ts';
import { evaluateSlice, type RuleFailure, type SliceDependencies } from './evaluate/evaluate-slice.ts';
import type { EvaluationSettings } from './evaluate/evaluation-settings.ts';
import { passOver } from './evaluate/pass-over.ts';
import type { PreparedPlan } from './evaluate/prepared-plan.ts';
import type { OwnSeries } from './own-series.ts';
import { shareUsage, type UsageBook } from './usage-book.ts';

export interface EvaluateDependencies extends SliceDependencies {
  readonly tenants: readonly Pick<Tenant, 'name'>[];
  readonly ruleState: RuleState;
  readonly settings: EvaluationSettings;
  /**
   * Told of each slice but those of a tenant's first run, before its rules run, so that these find what is written. Absent:
   * no tenant is told of ourselves.
   */
  readonly ownSeries?: Pick<OwnSeries, 'write'>;
  /** For tenants whose stored series call for other rules than `plan`'s, by name. */
  readonly plans?: ReadonlyMap<string, AwaitingPlan>;
  /** Absent: nobody counts what evaluations take of AWS. */
  readonly usage?: UsageBook;
}

/** Rules over results that others write, as far as these say that they have written them. */
export interface AwaitingPlan extends PreparedPlan {
  readonly awaits?: {
    /** Names of their progress in the rule state. */
    readonly keys: readonly string[];
    /** ms behind what would be due; then the rules go on with what is there. */
    readonly atMost: number;
  };
}

/** What one invocation did for one tenant. */
export interface EvaluationOutcome {
  readonly tenant: string;
  /** Rules times evaluation times. */
  readonly evaluations: number;
  readonly samples: number;
  /** Rules that failed, as of their last evaluation. */
  readonly failures: readonly RuleFailure[];
  /** Time (ms) that was passed over: the evaluator had been away for longer than it catches up. */
  readonly skipped: number;
  /** Time (ms) that is due and left to the next invocation. */
  readonly behind: number;
  /** Another evaluator was faster; its results are the same. */
  readonly overtaken: boolean;
  /** Why series about ourselves are missing; rules go on without them. */
  readonly ownSeriesError?: Error;
  /** Why the tenant's evaluation ended early; what it had not finished is done again. */
  readonly error?: Error;
}

const MAX_PARALLEL_TENANTS = 4;

/**
 * Evaluates what is due for every tenant until `deadline` (ms): aligned evaluation times that lie `delay` behind, in
 * their order, missed ones included. First the samples are durable, then the progress that says so; a crash between the
 * two repeats the same samples. One tenant's fault is no other's.
 */
export async function evaluateTenants(
  dependencies: EvaluateDependencies,
  deadline: number,
): Promise<readonly EvaluationOutcome[]> {
  if (dependencies.plan.groups.length === 0) return [];
  return shareUsage(dependencies, () => evaluateAll(dependencies, deadline));
}

async function evaluateAll(
  dependencies: EvaluateDependencies,
  deadline: number,
): Promise<readonly EvaluationOutcome[]> {
  const outcomes: EvaluationOutcome[] = [];
  const waiting = dependencies.tenants.entries();
  const worker = async () => {
    for (const [i, { name }] of waiting) {
      const plan: AwaitingPlan = dependencies.plans?.get(name) ?? dependencies.plan;
      outcomes[i] = await evaluateTenant(name, { ...dependencies, plan }, deadline);
    }
  };
  await Promise.all(Array.from({ length: MAX_PARALLEL_TENANTS }, worker));
  return outcomes;
}

async function evaluateTenant(
  tenant: string,
  dependencies: EvaluateDependencies & { readonly plan: AwaitingPlan },
  deadline: number,
): Promise<EvaluationOutcome> {
  const outcome = { tenant, evaluations: 0, samples: 0, failures: [] as readonly RuleFailure[], skipped: 0 };
  const { ruleState, settings, now } = dependencies;
  let horizon = now() - settings.delay;
  let after = horizon;
  try {
    horizon = await horizonOf(dependencies, horizon);
    const begun = await ruleState.read(tenant);
    let { revision, state } = begun ?? { revision: 0, state: undefined };
    const earliest = horizon - settings.maxCatchUp;
    const skipped = state === undefined ? 0 : skippedTime(dependencies, state.evaluatedTo, earliest);
    if (state !== undefined && skipped > 0) state = passOver(state, skipped);
    after = Math.max(earliest, state?.evaluatedTo ?? earliest);
    const pace = new Pace(settings.interval * FIRST_SLICE_INTERVALS);
    while (after < nextDue(dependencies, after, horizon)) {
      if (now() >= deadline) return { ...outcome, behind: horizon - after, overtaken: false };
      const upTo = Math.min(horizon, after + pace.next(deadline - now(), settings.interval));
      const started = now();
      // What the first run makes up for lies before the deployment: that nothing came then is no news.
      if (begun !== undefined) Object.assign(outcome, await writeOwnSeries(tenant, after, upTo, dependencies));
      const result = await evaluateSlice({ tenant, after, upTo, state }, dependencies);
      outcome.evaluations += result.evaluations;
      outcome.samples += result.samples;
      outcome.failures = result.failures;
      if (!(await ruleState.replace(tenant, revision, result.state))) {
        return { ...outcome, behind: 0, overtaken: true };
      }
      outcome.skipped = skipped;
      pace.took(now() - started, upTo - after);
      revision++;
      state = result.state;
      after = upTo;
    }
    return { ...outcome, behind: 0, overtaken: false };
  } catch (error) {
    return { ...outcome, behind: Math.max(0, horizon - after), overtaken: false, error: asError(error) };
  }
}

/** What is missing afterwards is missing: no rule waits for it. */
async function writeOwnSeries(
  tenant: string,
  after: number,
  upTo: number,
  { ownSeries }: EvaluateDependencies,
): Promise<Pick<EvaluationOutcome, 'ownSeriesError'>> {
  try {
    await ownSeries?.write(tenant, after, upTo);
    return {};
  } catch (error) {
    return { ownSeriesError: asError(error) };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** How far there is something to evaluate: results that are awaited lie behind, and further where their source is away. */
async function horizonOf(
  { plan: { awaits }, ruleState }: Pick<EvaluateDependencies, 'ruleState'> & { readonly plan: AwaitingPlan },
  latest: number,
): Promise<number> {
  if (awaits === undefined) return latest;
  const states = await Promise.all(awaits.keys.map((key) => ruleState.read(key)));
  const written = states.map((known) => known?.state.evaluatedTo ?? Number.NEGATIVE_INFINITY);
  return Math.max(latest - awaits.atMost, Math.min(latest, ...written));
}

/** The latest time up to the horizon that some group has to be evaluated at; `after` or less when nothing is due. */
function nextDue({ plan }: EvaluateDependencies, after: number, horizon: number): number {
  return Math.max(after, ...plan.groups.map(({ interval }) => Math.floor(horizon / interval) * interval));
}

/** How much time (ms) after `evaluatedTo` is not made up for; nothing is lost of time in which nothing was due. */
function skippedTime(dependencies: EvaluateDependencies, evaluatedTo: number, earliest: number): number {
  return nextDue(dependencies, evaluatedTo, earliest) > evaluatedTo ? earliest - evaluatedTo : 0;
}

const FIRST_SLICE_INTERVALS = 5;
/** Longer slices save nothing, and hold more in memory. */
const MAX_SLICE_MS = 3600_000;
/** What was cheap may have been a time without data. */
const MAX_GROWTH = 4;

/** How much time a slice may cover: what the slices before it took tells what fits. */
class Pace {
  #slice: number;
  #costPerMs: number | undefined;

  constructor(firstSlice: number) {
    this.#slice = firstSlice;
  }

  /** Half of the time left is used, so that a slice that takes twice as long still ends in time. At least one interval. */
  next(left: number, interval: number): number {
    if (this.#costPerMs !== undefined && this.#costPerMs > 0) {
      this.#slice = Math.min(left / 2 / this.#costPerMs, this.#slice * MAX_GROWTH);
    }
    return Math.min(MAX_SLICE_MS, Math.max(interval, this.#slice));
  }

  took(elapsed: number, covered: number): void {
    this.#costPerMs = elapsed / covered;
    this.#slice = covered;
  }
}
