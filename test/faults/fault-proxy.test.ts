import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../bench/seeded-random.ts';
import { FaultProxy } from './fault-proxy.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';

/** A proxy whose faults did nothing would let every test behind it pass. */
describe('FaultProxy', () => {
  let proxy: FaultProxy;
  let server: Server;
  /** What reached the server: action and body. */
  const effects: (readonly [string, unknown])[] = [];
  let reply: object = {};

  beforeEach(async () => {
    effects.length = 0;
    reply = {
      Messages: [
        { MessageId: 'a', ReceiptHandle: 'r' },
        { MessageId: 'b', ReceiptHandle: 's' },
      ],
    };
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        effects.push([String(request.headers['x-amz-target']), JSON.parse(Buffer.concat(parts).toString())]);
        response.setHeader('date', 'Sun, 22 Nov 2026 00:00:00 GMT');
        response.end(JSON.stringify(reply));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await FaultProxy.open(seededRandom(1));
    proxy.upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  });

  it('passes everything on while nothing is armed', async () => {
    const response = await call('AmazonSQS.ReceiveMessage', { QueueUrl: 'q' });
    expect([response.status, await response.json()]).toEqual([200, reply]);
    expect(effects).toEqual([['AmazonSQS.ReceiveMessage', { QueueUrl: 'q' }]]);
  });

  it('knows at least a dozen kinds', () => {
    expect(FAULT_KINDS.length).toBeGreaterThanOrEqual(12);
  });

  const lost = /fetch failed|terminated|aborted|timeout/;
  const cases: [FaultKind, effects: number | 'either', answer: number | RegExp][] = [
    ['delay', 1, 200],
    ['throttle', 0, 400],
    ['refuse connection', 0, lost],
    ['cut in the request', 0, lost],
    ['cut in the answer', 1, lost],
    ['drop the request', 0, lost],
    ['drop the answer', 1, lost],
    ['never answer', 'either', lost],
    ['duplicate', 2, 200],
    ['reorder', 1, 200],
    ['status 500', 'either', 500],
    ['status 503', 'either', 503],
    ['garbage', 1, /JSON/],
    ['slow body', 1, 200],
    ['clock skew', 1, 200],
    ['empty receive', 0, 200],
    ['early redelivery', 1, 200],
    ['double delivery', 2, 200],
    ['shuffled delivery', 1, 200],
  ];

  it('has a case here for every kind', () => {
    expect([...cases.map(([kind]) => kind), 'half a batch'].sort()).toEqual([...FAULT_KINDS].sort());
  });

  it.each(cases)('makes the fault: %s', async (kind, expectedEffects, answer) => {
    proxy.arm(kind);
    const target = kind === 'never answer' ? 'DynamoDB_20120810.PutItem' : 'AmazonSQS.ReceiveMessage';
    const outcome = call(target, { QueueUrl: 'q' }).then(
      async (response) => {
        await response.json();
        return response.status;
      },
      (error: Error) => error,
    );
    const caught = await outcome.catch((error: Error) => error);
    if (typeof answer === 'number') expect(caught).toBe(answer);
    else expect(String(caught)).toMatch(answer);
    if (expectedEffects !== 'either') expect(effects).toHaveLength(expectedEffects);
    expect(Object.fromEntries(proxy.injected)).toEqual({ [kind]: 1 });
  });

  it('changes what it says it changes', async () => {
    proxy.arm('early redelivery');
    await call('AmazonSQS.ReceiveMessage', { QueueUrl: 'q' });
    expect(effects.at(-1)?.[1]).toEqual({ QueueUrl: 'q', VisibilityTimeout: 1 });
    proxy.arm('clock skew');
    const { headers } = await call('AmazonSQS.ReceiveMessage', {});
    expect(headers.get('date')).not.toContain('22 Nov 2026 00:00:00');
    proxy.arm('double delivery');
    await call('AmazonSQS.ReceiveMessage', { QueueUrl: 'q' });
    expect(effects.at(-1)).toEqual([
      'AmazonSQS.ChangeMessageVisibilityBatch',
      {
        QueueUrl: 'q',
        Entries: [
          { Id: '0', ReceiptHandle: 'r', VisibilityTimeout: 0 },
          { Id: '1', ReceiptHandle: 's', VisibilityTimeout: 0 },
        ],
      },
    ]);
  });

  it('lets a fault wait for a request that it can happen to', async () => {
    proxy.arm('empty receive');
    await call('AmazonSQS.SendMessageBatch', {});
    expect(proxy.injected.size).toBe(0);
    proxy.calm();
    await call('AmazonSQS.ReceiveMessage', {});
    expect(proxy.injected.size).toBe(0);
  });

  it('passes on one half of a batch and admits it', async () => {
    const Entries = ['0', '1', '2'].map((Id) => ({ Id }));
    reply = { Successful: [{ Id: '0' }, { Id: '1' }] };
    proxy.arm('half a batch');
    const sent = await (await call('AmazonSQS.SendMessageBatch', { Entries })).json();
    expect(effects.at(-1)?.[1]).toEqual({ Entries: Entries.slice(0, 2) });
    expect(sent).toMatchObject({ Successful: [{ Id: '0' }, { Id: '1' }], Failed: [{ Id: '2', SenderFault: false }] });

    reply = { UnprocessedItems: {} };
    proxy.arm('half a batch');
    const written = await (await call('DynamoDB_20120810.BatchWriteItem', { RequestItems: { t: [1, 2, 3] } })).json();
    expect(effects.at(-1)?.[1]).toEqual({ RequestItems: { t: [1, 2] } });
    expect(written).toEqual({ UnprocessedItems: { t: [3] } });

    reply = { Responses: { t: [] }, UnprocessedKeys: {} };
    proxy.arm('half a batch');
    const keys = { t: { Keys: [1, 2], ConsistentRead: true } };
    const read = await (await call('DynamoDB_20120810.BatchGetItem', { RequestItems: keys })).json();
    expect(effects.at(-1)?.[1]).toEqual({ RequestItems: { t: { Keys: [1], ConsistentRead: true } } });
    expect(read).toEqual({ Responses: { t: [] }, UnprocessedKeys: { t: { Keys: [2], ConsistentRead: true } } });
  });

  function call(target: string, body: object): Promise<Response> {
    return fetch(proxy.url, {
      method: 'POST',
      headers: { 'x-amz-target': target },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(4000),
    });
  }
});
