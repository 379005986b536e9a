import { expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../lib/context/tenant.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import type { QueueMessage } from '../../lib/queue/interface.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { sha256Of } from '../../local/data-folder.ts';
import { planOf } from '../plan/fixture.ts';
import { labels, sampled, v1 } from '../receiver/messages.ts';

const PLAN = planOf('app:orders = orders_total');
const SERIES = 500;

const TENANT: Tenant = {
  name: 'acme',
  tokens: [{ name: 'writer', sha256: sha256Of('secret'), scopes: ['write'] }],
  sources: [{ name: 'push', type: 'remote_write', tokens: ['writer'], scope: DEFAULT_SCOPE }],
  limits: DEFAULT_INTAKE_LIMITS,
};

/** Of every order in which the parts of two attempts may be worked off, and of every part that may have been lost. */
it('counts a request once that was cut into other parts by another receiver', async () => {
  const request = {
    ...v1(
      Array.from({ length: SERIES }, (_, i) => sampled(labels('__name__', 'orders_total', 'env', 'prod', 'i', `${i}`))),
    ),
    method: 'POST',
    receivedAt: Date.now(),
    requestId: '',
  };
  const received = async (generationBytes?: number) => {
    const queue = new MemoryQueue();
    const memories = new SeriesMemories(generationBytes === undefined ? {} : { generationBytes });
    const dependencies = { tenants: [TENANT], selects: newSelection(PLAN), planVersion: 'p', memories, queue };
    const headers = { ...request.headers, authorization: 'Bearer secret' };
    const answer = await receive({ ...request, headers }, { ...dependencies, now: Date.now });
    expect(answer.status).toBe(204);
    return queue.take();
  };
  const roomy = await received();
  // Here only some of the series can be remembered, and the others travel in a message of their own.
  const tight = await received(32 * 1024);
  expect([roomy.length, tight.length]).toEqual([1, 2]);

  // The first attempt got a 503 with some of its messages queued; the second was acknowledged.
  for (const [failed, acknowledged] of [
    [roomy, tight],
    [tight, roomy],
  ]) {
    for (let left = 0; left < 2 ** (failed?.length ?? 0); left++) {
      const leftOver = (failed ?? []).filter((_, i) => (left >> i) % 2 === 1);
      for (const messages of [
        [...leftOver, ...(acknowledged ?? [])],
        [...(acknowledged ?? []), ...leftOver],
      ]) {
        expect(await tallyOf(messages)).toMatchObject({
          accepted: SERIES,
          selected: SERIES,
          contextualized: SERIES,
          stored: SERIES,
        });
      }
    }
  }
});

async function tallyOf(messages: readonly QueueMessage[]) {
  const [ledger, registers] = [new MemoryLedger(), new MemoryRegisters()];
  const dependencies = {
    contextualizer: new Contextualizer(PLAN),
    tenants: [TENANT],
    storage: new MemoryStorage(),
    ledger,
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: 1e9, now: Date.now }),
  };
  for (const message of messages) expect(await contextualizeMessages([message], dependencies)).toEqual([]);
  const [source] = await ledger.totals('acme', 0, Date.now());
  return source?.tally;
}
