import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { contextualizeBatch, type WorkerDependencies } from '../../lib/lambda/contextualize-batch.ts';
import type { WorkedBatch } from '../../lib/lambda/report-batches.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { encodeMessage } from '../../lib/queue/message.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { intakeDependencies, TENANTS } from '../access/world.ts';
import { planOf } from '../plan/fixture.ts';
import { labels, sampled, v1 } from '../receiver/messages.ts';

describe('contextualizeBatch', () => {
  it('tells of the whole batch: what was stored, what was dropped, what comes again', async () => {
    const batches: WorkedBatch[] = [];
    const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const poison = { messageId: 'poison', body: '', messageAttributes: {}, attributes: {} };
    const event = { Records: [...(await records()), poison] } as unknown as SQSEvent;
    const answer = await contextualizeBatch(event, { ...worker(), report: (batch) => batches.push(batch) }, log);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'poison' }]);
    expect(log.error.mock.calls).toMatchObject([['cannot process message', { messageId: 'poison' }]]);
    expect(batches).toMatchObject([
      { messages: 2, failed: 1, buried: 0, tally: { accepted: 3, contextualized: 2, stored: 2 } },
    ]);
    expect(batches[0]?.tally.dropped).toEqual({ no_rule_matched: 1 });
    expect(batches[0]?.durationMs).toBeGreaterThan(0);
  });
});

/** Three samples that came through the door, two of which the worker's plan can use, as SQS delivers them. */
async function records() {
  const queue = new MemoryQueue();
  const named = (name: string, i: string) => sampled(labels('__name__', name, 'env', 'prod', 'i', i));
  const { headers, body } = v1([named('a', '1'), named('a', '2'), named('b', '1')]);
  const request = { method: 'POST', headers: { ...headers, authorization: 'Bearer acme-write' }, body };
  const dependencies = { ...intakeDependencies(queue), now: Date.now };
  const { status } = await receive({ ...request, receivedAt: Date.now(), requestId: 'r1' }, dependencies);
  expect(status).toBe(204);
  return queue.take().map((message, i) => {
    const { body: text, attributes } = encodeMessage(message);
    const messageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
    );
    return { messageId: `m${i}`, body: text, messageAttributes, attributes: {} };
  });
}

function worker(): WorkerDependencies {
  const registers = new MemoryRegisters();
  return {
    contextualizer: new Contextualizer(planOf('normalised:a = a')),
    tenants: TENANTS,
    storage: new MemoryStorage(),
    ledger: new MemoryLedger(),
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: 86_400_000, now: Date.now }),
  };
}
