import type { Context, ScheduledEvent } from 'aws-lambda';
import { engineOptions } from '../lib/config/query-settings.ts';
import { loadRuntime } from '../lib/config/runtime.ts';
import { newSecretReader } from '../lib/config/secret-reader.ts';
import { writeEmf } from '../lib/lambda/emf.ts';
import { newLog } from '../lib/lambda/new-log.ts';
import { openMeteredTable } from '../lib/lambda/open-metered-table.ts';
import { logQuerySources, querySourceMetrics } from '../lib/lambda/report-query-sources.ts';
import { type QuerySourceDependencies, type QuerySourceOutcome, querySources } from '../lib/pipeline/query-source.ts';
import { checkStored } from '../lib/pipeline/query-source-check.ts';
import { querySourceDependencies } from '../lib/pipeline/query-source-dependencies.ts';
import { answerDirectly, type DirectQuery, type OnDemandAnswer } from '../lib/pipeline/query-source-on-demand.ts';
import { Engine } from '../lib/promql/engine.ts';
import { DynamoLedger } from '../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRuleState } from '../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';

/** What is left of an invocation when its last answer must be there: enough to compute and store what it gave. */
const RESERVE_MS = 15_000;

const log = newLog();
let dependencies: QuerySourceDependencies | undefined;

/** The reader of PromQL: results of rules from the user's servers on a schedule; one expression when invoked with one. */
export async function handler(
  event: ScheduledEvent | DirectQuery,
  context: Context,
): Promise<OnDemandAnswer | undefined> {
  dependencies ??= composeDependencies();
  if ('query' in event) return answerDirectly(event, dependencies);
  const outcomes = await query(context.getRemainingTimeInMillis() - RESERVE_MS, dependencies);
  if (outcomes.length > 0) writeEmf(querySourceMetrics(outcomes));
  checkStored(outcomes);
  return undefined;
}

/** Asks every query source for what is due, for at most `budgetMs`. */
export async function query(budgetMs: number, deps: QuerySourceDependencies): Promise<readonly QuerySourceOutcome[]> {
  const outcomes = await querySources(budgetMs, deps);
  logQuerySources(outcomes, log);
  return outcomes;
}

function composeDependencies(): QuerySourceDependencies {
  const { plan, tenants, retention, query: settings, tableName } = loadRuntime();
  const { table, usage } = openMeteredTable('query', tableName, log);
  return querySourceDependencies({
    plan,
    tenants,
    storage: new DynamoStorage({ ...table, retention }),
    ledger: new DynamoLedger(table),
    progress: new DynamoRuleState(table),
    engine: new Engine({ ...engineOptions(settings), timeout: RESERVE_MS }),
    secret: newSecretReader(process.env),
    usage,
    now: Date.now,
  });
}
