import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler } from '../../functions/federation.ts';
import { readServerlessFile } from '../../local/serverless-file.ts';
import { startSqsServer } from '../../local/sqs-server.ts';
import { sourceOf, tenantOf } from '../pipeline/scrape-fixture.ts';
import { planOf } from '../plan/fixture.ts';
import { type FakeServer, startFakeServer } from '../remote/fake-server.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context;

describe('the federation function', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-federation-function-'));
  let sqs: Awaited<ReturnType<typeof startSqsServer>>;
  let server: FakeServer;
  let client: SQSClient;
  let queueUrl = '';

  beforeAll(async () => {
    sqs = await startSqsServer({ folder });
    client = new SQSClient({ endpoint: sqs.url });
    queueUrl = (await client.send(new CreateQueueCommand({ QueueName: 'raw' }))).QueueUrl ?? '';
    server = await startFakeServer(({ url, headers }, response) => {
      if (headers.authorization !== 'Bearer from the environment') response.writeHead(401).end();
      else if (url.pathname !== '/federate') response.end('{"status":"success","data":{}}');
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('up{job="a"} 1\n');
    });
    const access = { ...sourceOf([]).access, auth: { type: 'bearer', token: '${env:PROMETHEUS_TOKEN}' } } as const;
    const tenants = [tenantOf(sourceOf([server.url], { interval: 60_000, access }))];
    writeFileSync(join(folder, 'runtime.json'), JSON.stringify({ plan: planOf('a = up'), tenants }));
    vi.stubEnv('TRIBUTARY_RUNTIME', join(folder, 'runtime.json'));
    vi.stubEnv('QUEUE_URL', queueUrl);
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', sqs.url);
    vi.stubEnv('PROMETHEUS_TOKEN', 'from the environment');
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    client.destroy();
    await server.close();
    await sqs.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('scrapes at the time of the schedule, with secrets of its environment, into its queue', async () => {
    await handler({ time: '2026-05-04T10:11:12Z' }, CONTEXT);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MessageAttributeNames: ['All'] }),
    );
    const attributes = Messages.map(({ MessageAttributes: { id, tenant, source, account } = {} }) => [
      id?.StringValue,
      tenant?.StringValue,
      source?.StringValue,
      JSON.parse(account?.StringValue ?? '{}').tally,
    ]);
    const time = Date.parse('2026-05-04T10:11:12Z');
    expect(attributes).toEqual([
      [expect.stringMatching(new RegExp(`-${time}-0$`)), 'shop', 'fed', { accepted: 1, selected: 1 }],
    ]);
  });

  it('runs once a minute, as it takes for granted', () => {
    const { schedules } = readServerlessFile(new URL('../../serverless.yml', import.meta.url));
    expect(schedules).toContainEqual({ functionName: 'federation', everyMs: 60_000 });
  });

  it('leaves time to queue, and scrapes nothing when there is none', async () => {
    const before = server.seen.length;
    await handler({ time: 'by hand' }, { getRemainingTimeInMillis: () => 9000 } as Context);
    expect(server.seen).toHaveLength(before);
  });

  it('fails where what a server gave cannot be queued, so that an alarm can count it', async () => {
    vi.resetModules();
    vi.stubEnv('QUEUE_URL', `${sqs.url}/000000000000/nowhere`);
    const fresh = await import('../../functions/federation.ts');
    await expect(fresh.handler({ time: '2026-05-04T10:12:12Z' }, CONTEXT)).rejects.toThrow(
      'cannot queue what servers of shop/fed gave; the log says why',
    );
  });
});
