import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DynamoDbServer, startDynamoDbServer } from '../../local/dynamodb-server.ts';
import { type SqsServer, startSqsServer } from '../../local/sqs-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-pages-'));
let servers: { sqs: SqsServer; dynamodb: DynamoDbServer };

beforeAll(async () => {
  servers = {
    sqs: await startSqsServer({ folder: join(folder, 'queue') }),
    dynamodb: await startDynamoDbServer({ folder: join(folder, 'tables') }),
  };
});
afterAll(async () => {
  await servers.sqs.close();
  await servers.dynamodb.close();
  rmSync(folder, { recursive: true });
});

describe.each(['sqs', 'dynamodb'] as const)('the stand-in %s', (name) => {
  const target = { sqs: 'AmazonSQS.ListQueues', dynamodb: 'DynamoDB_20120810.ListTables' }[name];
  const call = (headers: Record<string, string>, method = 'POST') => send(servers[name].url, target, headers, method);

  it('answers programs', async () => {
    expect((await call({})).status).not.toBe(403);
    expect((await call({ Host: 'localhost' })).status).not.toBe(403);
  });

  it('refuses web pages of other origins, and grants them nothing beforehand', async () => {
    expect((await call({ Origin: 'https://evil.example' })).status).toBe(403);
    const preflight = {
      Origin: 'https://evil.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'x-amz-target,authorization',
    };
    const { status, headers } = await call(preflight, 'OPTIONS');
    expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  it('refuses web pages that have a name of theirs lead here', async () => {
    expect((await call({ Host: 'evil.example' })).status).toBe(403);
    expect((await call({ Host: '127.0.0.1.evil.example:80' })).status).toBe(403);
  });
});

function send(url: string, target: string, headers: Record<string, string>, method: string) {
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>> }>((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': target,
          authorization:
            'AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/x/aws4_request, SignedHeaders=h, Signature=x',
          ...headers,
        },
      },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
      },
    );
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}
