import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readServerlessFile } from '../../local/serverless-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-serverless-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('readServerlessFile', () => {
  it("reads the project's own file", () => {
    const { routes, mappings, schedules, queue } = readServerlessFile(new URL('../../serverless.yml', import.meta.url));
    expect(routes).toContainEqual({ method: 'POST', path: '/api/v1/write', functionName: 'remoteWrite' });
    expect(routes).toContainEqual({ method: 'GET', path: '/api/v1/{proxy+}', functionName: 'api' });
    expect(schedules).toContainEqual({ functionName: 'evaluate', everyMs: 60_000 });
    expect(mappings).toHaveLength(1);
    expect(mappings[0]).toMatchObject({ functionName: 'contextualize', reportsFailures: true });
    expect(mappings[0]?.batchSize).toBeGreaterThan(0);
    expect(queue.visibilityTimeoutSeconds).toBeGreaterThan(0);
    expect(queue.maxReceiveCount).toBeGreaterThan(0);
  });

  it('reads both forms of a route, and parameters by their default', () => {
    const file = write(`
params: { default: { workers: 7 } }
functions:
  a:
    events:
      - httpApi: GET /a
      - httpApi: { method: '*', path: '/b/{id}' }
      - httpApi: '*'
      - schedule: rate(1 minute)
      - schedule: { rate: [rate(2 hours)] }
      - schedule: { rate: rate(1 day), enabled: false }
  b:
    timeout: 60
    events:
      - sqs: { arn: !GetAtt Queue.Arn, batchSize: 50, maximumConcurrency: '\${param:workers}' }
  c: { handler: c.handler }
`);
    expect(readServerlessFile(file)).toEqual({
      routes: [
        { method: 'GET', path: '/a', functionName: 'a' },
        { method: 'ANY', path: '/b/{id}', functionName: 'a' },
        { method: 'ANY', path: '$default', functionName: 'a' },
      ],
      mappings: [
        {
          functionName: 'b',
          batchSize: 50,
          windowSeconds: 0,
          maximumConcurrency: 7,
          timeoutMs: 60_000,
          reportsFailures: false,
        },
      ],
      schedules: [
        { functionName: 'a', everyMs: 60_000 },
        { functionName: 'a', everyMs: 7_200_000 },
      ],
      queue: { visibilityTimeoutSeconds: 30, maxReceiveCount: 5 },
    });
  });

  it('refuses schedules that it cannot keep', () => {
    const file = write('functions: { a: { events: [{ schedule: cron(0 12 * * ? *) }] } }');
    expect(() => readServerlessFile(file)).toThrow(
      'schedule "cron(0 12 * * ? *)" of a is not rate(n minutes), rate(n hours) or rate(n days)',
    );
  });

  it.each([
    [
      'a parameter without a default',
      `batchSize: '\${param:none}'`,
      /sqs.batchSize is "\$\{param:none\}", not a whole/,
    ],
    ['a number that is none', 'maximumBatchingWindow: soon', /events.sqs.maximumBatchingWindow is "soon"/],
  ])('refuses %s', (_, sqs, text) => {
    expect(() => readServerlessFile(write(`functions: { b: { events: [ { sqs: { ${sqs} } } ] } }`))).toThrow(text);
  });

  it('refuses a route without a path, and a file that is not there', () => {
    expect(() => readServerlessFile(write('functions: { a: { events: [ { httpApi: GET } ] } }'))).toThrow(
      /serverless.yml: route "GET" of a has no path/,
    );
    expect(() => readServerlessFile(join(folder, 'none.yml'))).toThrow(/cannot read .*none.yml: ENOENT/);
  });

  function write(text: string): string {
    const file = join(folder, 'serverless.yml');
    writeFileSync(file, text);
    return file;
  }
});
