import type { Tenant } from '../context/tenant.ts';
import type { Backlog, Compactable, CompactionStep, Compactor } from '../storage/compactor.ts';
import { RETENTION_CLASSES, type RetentionClass } from '../storage/interface.ts';
import type { UsageSums } from '../storage/usage.ts';
import { addUpUsage } from './add-up-usage.ts';
import { shareUsage, type UsageBook } from './usage-book.ts';

export interface CompactDependencies {
  readonly tenants: readonly Pick<Tenant, 'name'>[];
  readonly storage: Compactable;
  /** Absent: nobody counts what compaction takes of AWS. */
  readonly usage?: UsageBook;
  /** Absent: what tenants took is not added up. */
  readonly sums?: UsageSums;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What one invocation did for one tenant's class, and what it left. */
export interface CompactionOutcome {
  readonly tenant: string;
  readonly retentionClass: RetentionClass;
  readonly steps: number;
  readonly samplesRead: number;
  readonly samplesWritten: number;
  readonly itemsWritten: number;
  readonly bytesWritten: number;
  readonly writeUnits: number;
  /** Other compactions that were faster; nothing is lost, and their work is not done twice. */
  readonly overtaken: number;
  /** Absent when the store could not tell. */
  readonly backlog?: Backlog;
  /** Why this class's compaction ended early; what it had not finished is done again. */
  readonly error?: Error;
}

/** Whoever is overtaken so often leaves the field to the other. */
const MAX_OVERTAKEN = 3;

interface Turn {
  readonly compactor: Compactor;
  outcome: CompactionOutcome;
}

/**
 * Compacts all tenants until nothing is left to do or until `deadline` (ms), a step of each in turn, so that a large
 * tenant's backlog holds up nobody; then adds up what tenants took. One tenant's fault is no other's.
 */
export function compactTenants(
  dependencies: CompactDependencies,
  deadline: number,
): Promise<readonly CompactionOutcome[]> {
  return shareUsage(dependencies, async () => {
    const outcomes = await compactAll(dependencies, deadline);
    const failures = await addUpUsage(dependencies.tenants, dependencies, deadline);
    return outcomes.map((outcome) => withFailure(outcome, failures.get(outcome.tenant)));
  });
}

function withFailure(outcome: CompactionOutcome, error: Error | undefined): CompactionOutcome {
  return error === undefined || outcome.error !== undefined ? outcome : { ...outcome, error };
}

async function compactAll(
  { tenants, storage, now }: CompactDependencies,
  deadline: number,
): Promise<readonly CompactionOutcome[]> {
  const turns = tenants.flatMap(({ name }) =>
    RETENTION_CLASSES.map((of): Turn => ({ compactor: storage.compactor(name, of), outcome: nothingYet(name, of) })),
  );
  for (let waiting = turns; waiting.length > 0; ) {
    const next: Turn[] = [];
    for (const turn of waiting) if (now() < deadline && (await takeStep(turn))) next.push(turn);
    waiting = next;
  }
  return Promise.all(turns.map(withBacklog));
}

/** Resolves to whether there may be more to do. */
async function takeStep(turn: Turn): Promise<boolean> {
  try {
    const step = await turn.compactor.step();
    turn.outcome = addStep(turn.outcome, step);
    return step.kind !== 'idle' && turn.outcome.overtaken < MAX_OVERTAKEN;
  } catch (error) {
    turn.outcome = { ...turn.outcome, error: toError(error) };
    return false;
  }
}

function addStep(outcome: CompactionOutcome, step: CompactionStep): CompactionOutcome {
  return {
    ...outcome,
    steps: outcome.steps + (step.kind === 'idle' ? 0 : 1),
    samplesRead: outcome.samplesRead + step.samplesRead,
    samplesWritten: outcome.samplesWritten + step.samplesWritten,
    itemsWritten: outcome.itemsWritten + step.itemsWritten,
    bytesWritten: outcome.bytesWritten + step.bytesWritten,
    writeUnits: outcome.writeUnits + step.writeUnits,
    overtaken: outcome.overtaken + (step.kind === 'overtaken' ? 1 : 0),
  };
}

async function withBacklog({ compactor, outcome }: Turn): Promise<CompactionOutcome> {
  try {
    return { ...outcome, backlog: await compactor.backlog() };
  } catch (error) {
    return { ...outcome, error: outcome.error ?? toError(error) };
  }
}

function nothingYet(tenant: string, retentionClass: RetentionClass): CompactionOutcome {
  return {
    tenant,
    retentionClass,
    steps: 0,
    samplesRead: 0,
    samplesWritten: 0,
    itemsWritten: 0,
    bytesWritten: 0,
    writeUnits: 0,
    overtaken: 0,
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
