import type { Queue } from '../../lib/queue/interface.ts';
import type { Appendable, Appender, CommitReport, Storage } from '../../lib/storage/interface.ts';
import type { LedgerRecorder } from '../../lib/storage/ledger.ts';
import type { RuleState } from '../../lib/storage/rule-state.ts';
import type { QueueDefects } from './sim-queue.ts';
import type { ServerDefects } from './sim-server.ts';
import type { TableDefects } from './sim-table.ts';
import { PAIRED, PLAIN } from './stage.ts';
import type { World } from './world.ts';

/** Mistakes that a test makes on purpose: each breaks one promise that the design rests on, and has to be noticed. */
export interface Defects {
  readonly queue?: QueueDefects;
  readonly table?: TableDefects;
  /** The receiver answers 2xx although the queue took nothing. */
  readonly answersBeforeQueued?: boolean;
  /** A worker reports samples stored whose commit failed. */
  readonly swallowsCommits?: boolean;
  /** A worker writes one tenant's samples for another one as well. */
  readonly mixesTenants?: boolean;
  /** The ledger has an entry for each delivery, not for each message. */
  readonly countsDeliveries?: boolean;
  /** The evaluator's progress is durable before its samples are. */
  readonly advancesFirst?: boolean;
  readonly server?: ServerDefects;
  /** A scrape takes a send that failed for a good one. */
  readonly scrapesBeforeQueued?: boolean;
  /** The progress of a query source is durable before its results are. */
  readonly asksAndAdvancesFirst?: boolean;
}

export function defectiveQueue(queue: Queue): Queue {
  return { send: (messages) => queue.send(messages).catch(() => {}) };
}

export function defectiveLedger(ledger: LedgerRecorder, world: World): LedgerRecorder {
  return {
    record: (tenant, entries) =>
      ledger.record(
        tenant,
        entries.map((entry) => ({ ...entry, id: `${world.between(0, 1_000_000)}-${entry.id}` })),
      ),
  };
}

export function defectiveStorage(storage: Appendable, { swallowsCommits, mixesTenants }: Defects): Appendable {
  if (!swallowsCommits && !mixesTenants) return storage;
  return {
    appender: (tenant, retentionClass) => {
      const written = mixesTenants && tenant === PLAIN ? PAIRED : tenant;
      const appender = storage.appender(written, retentionClass);
      return swallowsCommits ? withCommit(appender, () => appender.commit().catch(() => NOTHING)) : appender;
    },
  };
}

const NOTHING: CommitReport = { samples: 0, newSeries: 0, items: 0, bytes: 0, writeUnits: 0 };

/** Commits only when the progress has been replaced; `tenantOf` tells whose progress a name is. */
export function defectiveCommit(
  parts: { readonly storage: Storage; readonly ruleState: RuleState },
  tenantOf = (key: string) => key,
) {
  const open = new Map<string, Appender[]>();
  const storage: Storage = {
    querier: (tenant) => parts.storage.querier(tenant),
    appender: (tenant, retentionClass) => {
      const appender = parts.storage.appender(tenant, retentionClass);
      return withCommit(appender, async () => {
        open.set(tenant, [...(open.get(tenant) ?? []), appender]);
        return NOTHING;
      });
    },
  };
  const ruleState: RuleState = {
    read: (key) => parts.ruleState.read(key),
    replace: async (key, revision, state) => {
      const isReplaced = await parts.ruleState.replace(key, revision, state);
      const tenant = tenantOf(key);
      const waiting = open.get(tenant) ?? [];
      open.delete(tenant);
      for (const appender of waiting) await appender.commit();
      return isReplaced;
    },
  };
  return { storage, ruleState };
}

function withCommit(appender: Appender, commit: Appender['commit']): Appender {
  return {
    append: (labels, sample) => appender.append(labels, sample),
    appendHistogram: (labels, histogram) => appender.appendHistogram(labels, histogram),
    appendMetadata: (metadata) => appender.appendMetadata(metadata),
    commit,
  };
}
