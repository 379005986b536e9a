import type { Plan } from '../plan/plan.ts';
import { overStorePlan } from '../plan/push-down.ts';
import type { EvaluationState } from '../storage/rule-state.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';

/** How far the evaluator of a tenant is. Times and durations in ms. */
export interface EvaluationStatus {
  /** `never`: no evaluation has ended yet. `none`: nothing is to be evaluated over what is stored. */
  readonly verdict: 'current' | 'behind' | 'never' | 'none';
  /** Every evaluation time up to here is done and stored. */
  readonly evaluatedTo?: number;
  /** How far that lies behind now; the configured delay is part of it. */
  readonly lag?: number;
  /** Lag from which the evaluator is behind. */
  readonly behindAfter: number;
  /** Time that was passed over since the beginning, because the evaluator was away for too long. */
  readonly skipped: number;
  /** Rules whose last evaluation failed. */
  readonly failing: readonly FailingRule[];
}

export interface FailingRule {
  /** File and name. */
  readonly group: string;
  /** Kind, name and labels. */
  readonly rule: string;
  readonly error: string;
  readonly lastEvaluation: number;
}

/** Scheduled once a minute, and a run may take one. */
const RUN_MS = 120_000;
const MISSED_INTERVALS = 3;

/** `GET /api/v1/status/evaluation`: how far behind the evaluator is, and which rules fail. Not part of Prometheus's API. */
export async function statusEvaluation({ tenant }: Call, dependencies: ApiDependencies): Promise<Answer> {
  const status = await evaluationStatus(tenant.name, dependencies);
  return { data: (out) => out.write(JSON.stringify({ now: dependencies.now(), ...status })) };
}

export async function evaluationStatus(
  tenant: string,
  { ruleState, plan, tenants, evaluationInterval, evaluationDelay = evaluationInterval, now }: ApiDependencies,
): Promise<EvaluationStatus> {
  const intervals = plan.derived.map(({ interval }) => interval ?? evaluationInterval);
  const behindAfter = evaluationDelay + MISSED_INTERVALS * Math.min(evaluationInterval, ...intervals) + RUN_MS;
  const state = (await ruleState.read(tenant))?.state;
  if (state === undefined) {
    const verdict = storedGroups(tenant, { plan, tenants }).length === 0 ? 'none' : 'never';
    return { verdict, behindAfter, skipped: 0, failing: [] };
  }
  const lag = Math.max(0, now() - state.evaluatedTo);
  return {
    verdict: lag <= behindAfter ? 'current' : 'behind',
    evaluatedTo: state.evaluatedTo,
    lag,
    behindAfter,
    skipped: state.skipped,
    failing: failingRules(state),
  };
}

/** Servers of query sources compute most of the rules, perhaps all. */
function storedGroups(name: string, { plan, tenants }: Pick<ApiDependencies, 'plan' | 'tenants'>): Plan['derived'] {
  const sources = tenants.find((tenant) => tenant.name === name)?.sources ?? [];
  const intervals = sources.flatMap((source) => (source.type === 'query' ? [source.interval] : []));
  return intervals.length === 0 ? plan.derived : overStorePlan(plan, Math.max(...intervals)).derived;
}

function failingRules({ groups }: EvaluationState): FailingRule[] {
  return Object.entries(groups).flatMap(([group, { rules }]) =>
    Object.entries(rules)
      .filter(([, { health }]) => health === 'err')
      .map(([rule, { lastError = '', lastEvaluation }]) => ({ group, rule, error: lastError, lastEvaluation })),
  );
}
