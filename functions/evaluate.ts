import type { Context, ScheduledEvent } from 'aws-lambda';
import { engineOptions } from '../lib/config/query-settings.ts';
import { loadRuntime } from '../lib/config/runtime.ts';
import { writeEmf } from '../lib/lambda/emf.ts';
import { newLog } from '../lib/lambda/new-log.ts';
import { openMeteredTable } from '../lib/lambda/open-metered-table.ts';
import { evaluationMetrics, logEvaluations } from '../lib/lambda/report-evaluations.ts';
import { preparePlan } from '../lib/pipeline/evaluate/prepared-plan.ts';
import { type EvaluateDependencies, type EvaluationOutcome, evaluateTenants } from '../lib/pipeline/evaluate.ts';
import { newOwnSeries } from '../lib/pipeline/new-own-series.ts';
import { storedRules } from '../lib/pipeline/query-source-rules.ts';
import { Engine } from '../lib/promql/engine.ts';
import { DynamoRuleState } from '../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import { openAccounts } from '../lib/storage/dynamodb/open-accounts.ts';

/** What is left of an invocation when no further slice is begun: enough to finish the one in hand. */
const RESERVE_MS = 15_000;
/** A rule that takes longer than this fails, and the others go on. */
const RULE_TIMEOUT_MS = 20_000;

const log = newLog();
let dependencies: EvaluateDependencies | undefined;

/** The evaluator: derived rules and alerts over the store, at aligned times behind the intake delay. */
export async function handler(_event: ScheduledEvent, context: Context): Promise<void> {
  dependencies ??= composeDependencies();
  const began = performance.now();
  const outcomes = await evaluate(dependencies, context.getRemainingTimeInMillis() - RESERVE_MS);
  writeEmf(evaluationMetrics(outcomes, performance.now() - began));
  const failed = outcomes.filter(({ error }) => error !== undefined).map(({ tenant }) => tenant);
  // Lambda calls again, which does no harm, and the alarm counts it.
  if (failed.length > 0) throw new Error(`cannot evaluate the rules of ${failed.join(', ')}; the log says why`);
}

/** Evaluates what is due, for at most `budgetMs`; the next invocation goes on from there. */
export async function evaluate(deps: EvaluateDependencies, budgetMs: number): Promise<readonly EvaluationOutcome[]> {
  const outcomes = await evaluateTenants(deps, deps.now() + budgetMs);
  logEvaluations(outcomes, log);
  return outcomes;
}

function composeDependencies(): EvaluateDependencies {
  const { plan, tenants, retention, query, evaluation, tableName } = loadRuntime();
  const { table, usage } = openMeteredTable('evaluate', tableName, log);
  const storage = new DynamoStorage({ ...table, retention });
  return {
    plan: preparePlan(plan, { ...evaluation, ...query }),
    plans: storedRules(plan, tenants, { ...evaluation, ...query }),
    tenants,
    settings: evaluation,
    storage,
    ownSeries: newOwnSeries({ plan, tenants, storage, retention, ...openAccounts(table) }),
    ruleState: new DynamoRuleState(table),
    engine: new Engine({ ...engineOptions(query), timeout: RULE_TIMEOUT_MS, defaultSubqueryStep: evaluation.interval }),
    externalUrl: '',
    usage,
    now: Date.now,
  };
}
