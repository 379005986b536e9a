import type { Backlog } from '../storage/compactor.ts';
import { RETENTION_CLASSES, type RetentionClass } from '../storage/interface.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';

/** What waits for compaction in one class of a tenant. Times in ms. */
export interface CompactionStatus extends Backlog {
  readonly retentionClass: RetentionClass;
  /** `behind`: more waits than what two invocations have not come to. */
  readonly verdict: 'current' | 'behind';
  /** How long the oldest epoch has been over. */
  readonly age?: number;
}

/** An epoch is closed after it ended; two have ended where compaction missed a whole one. */
const BEHIND_EPOCHS = 2;
const EPOCH_MS = 2 * 3600_000;

/** `GET /api/v1/status/compaction`: what waits for compaction, by class. Not part of Prometheus's API. */
export async function statusCompaction({ tenant }: Call, dependencies: ApiDependencies): Promise<Answer> {
  const classes = await compactionStatuses(tenant.name, dependencies);
  return { data: (out) => out.write(JSON.stringify({ now: dependencies.now(), classes })) };
}

export function compactionStatuses(
  tenant: string,
  { compaction, now }: Pick<ApiDependencies, 'compaction' | 'now'>,
): Promise<readonly CompactionStatus[]> {
  return Promise.all(
    RETENTION_CLASSES.map(async (retentionClass): Promise<CompactionStatus> => {
      const backlog = await compaction.backlog(tenant, retentionClass);
      const { epochs, oldest } = backlog;
      return {
        retentionClass,
        verdict: epochs < BEHIND_EPOCHS ? 'current' : 'behind',
        ...backlog,
        ...(oldest !== undefined && { age: Math.max(0, now() - oldest - EPOCH_MS) }),
      };
    }),
  );
}
