import type { Context, ScheduledEvent } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { writeEmf } from '../lib/lambda/emf.ts';
import { newLog } from '../lib/lambda/new-log.ts';
import { openMeteredTable } from '../lib/lambda/open-metered-table.ts';
import { compactionMetrics, logCompactions } from '../lib/lambda/report-compactions.ts';
import { type CompactDependencies, type CompactionOutcome, compactTenants } from '../lib/pipeline/compact.ts';
import { DynamoCompactable } from '../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoUsageSums } from '../lib/storage/dynamodb/dynamo-usage-sums.ts';

/** What is left of an invocation when no further step is begun: a step takes some seconds, throttled ones longer. */
const RESERVE_MS = 90_000;

const log = newLog();
let dependencies: CompactDependencies | undefined;

/** The compactor: merges the small blocks of past hours into chunks of long series, and clears away what they replace. */
export async function handler(_event: ScheduledEvent, context: Context): Promise<void> {
  dependencies ??= composeDependencies();
  const outcomes = await compact(dependencies, context.getRemainingTimeInMillis() - RESERVE_MS);
  writeEmf(compactionMetrics(outcomes));
  const failed = outcomes.filter(({ error }) => error !== undefined).map(({ tenant }) => tenant);
  // Lambda counts it; the next invocation goes on where this one failed.
  if (failed.length > 0) throw new Error(`cannot compact ${[...new Set(failed)].join(', ')}; the log says why`);
}

/** Compacts for at most `budgetMs`; the next invocation goes on from there. */
export async function compact(deps: CompactDependencies, budgetMs: number): Promise<readonly CompactionOutcome[]> {
  const outcomes = await compactTenants(deps, deps.now() + budgetMs);
  logCompactions(outcomes, log);
  return outcomes;
}

function composeDependencies(): CompactDependencies {
  const { tenants, retention, tableName } = loadRuntime();
  const { table, usage } = openMeteredTable('compact', tableName, log);
  const storage = new DynamoCompactable({ ...table, retention });
  return { tenants, storage, usage, sums: new DynamoUsageSums(table), now: Date.now };
}
