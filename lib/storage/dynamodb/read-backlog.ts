import type { Backlog } from '../compactor.ts';
import { isClosed, readEpochs } from './epochs.ts';
import { type LeftoversOf, readLeftovers } from './read-leftovers.ts';

/**
 * What waits for compaction, from the list of epochs and that of leftovers; no block is read.
 *
 * @throws StorageUnavailableError
 */
export async function readBacklog(of: LeftoversOf): Promise<Backlog> {
  const { table, tenant, retentionClass, now } = of;
  const [{ epochs, progress }, { due }] = await Promise.all([
    readEpochs(table, tenant, retentionClass, { from: 0, now: now() }),
    readLeftovers(of),
  ]);
  const waiting = epochs.filter((epoch) => epoch >= progress.epoch && isClosed(epoch, now()));
  const [oldest] = waiting;
  return { epochs: waiting.length, leftovers: due.length, ...(oldest !== undefined && { oldest }) };
}
