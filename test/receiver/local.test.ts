import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { remoteWriteSuite } from '../suites/remote-write.suite.ts';
import { LocalReceiver } from './local-receiver.ts';
import { labels, type OutgoingRequest, sampled, V2, v1, v2 } from './messages.ts';
import { CREDENTIALS, READ_TOKEN, STRAY_TOKEN, TEST_TENANTS } from './test-tenants.ts';

// The logger reads its level when the function's module is loaded.
vi.hoisted(() => {
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
});

const queue = new MemoryQueue();
const receiver = new LocalReceiver({
  tenants: TEST_TENANTS,
  selects: (series) => series.metricName.startsWith('suite'),
  planVersion: 'plan-1',
  queue,
  now: Date.now,
  memories: new SeriesMemories(),
});

beforeAll(() => receiver.start());
afterAll(() => receiver.stop());

describe('our receiver, on a real socket', () => {
  remoteWriteSuite({
    url: () => receiver.url,
    credentials: CREDENTIALS,
    levels: ['must', 'should', 'choice'],
  });
});

describe('what goes into the queue', () => {
  afterEach(() => {
    queue.breakDown(undefined);
    queue.take();
  });

  it('carries the stale marker bit by bit, and no other NaN', async () => {
    queue.take();
    await post(
      v1([sampled(labels('__name__', 'suite_stale'), STALE_NAN), sampled(labels('__name__', 'suite_nan'), Number.NaN)]),
    );
    // Asked of the samples themselves: a NaN may lose its bits in an array of numbers.
    const samples = queued().flatMap((of) => of.samples);
    expect(samples.map(({ value }) => isStaleNaN(value))).toEqual([true, false]);
    expect(samples[1]?.value).toBeNaN();
  });

  it('holds the good part of a request that fails', async () => {
    queue.take();
    const answer = await post(v2(sampled(labels('job', 'nameless')), sampled(labels('__name__', 'suite_good'), 7)));
    expect(answer.status).toBe(400);
    expect(queued().map((series) => series.labels)).toEqual([labels('__name__', 'suite_good')]);
  });

  it.each([
    ['1.0', () => v1([sampled(labels('__name__', 'suite_a'))])],
    ['2.0', () => v2(sampled(labels('__name__', 'suite_a')))],
    ['1.0 with a bad series beside', () => v1([sampled(labels('__name__', 'suite_a')), sampled(labels('a', 'b'))])],
  ])('%s: a queue that fails is 503 with Retry-After, whatever else is wrong', async (_, request) => {
    queue.breakDown('no room');
    const answer = await post(request());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.text()).toMatch(/cannot queue the samples now/);
  });

  it('counts nothing as written when the queue fails', async () => {
    queue.breakDown('no room');
    const answer = await post(v2(sampled(labels('__name__', 'suite_a'))));
    expect(answer.headers.get('x-prometheus-remote-write-samples-written')).toBe('0');
  });

  it('does not turn a refusal into a retry when the queue fails', async () => {
    queue.breakDown('no room');
    expect((await post(v2(sampled(labels('job', 'nameless'))))).status).toBe(400);
    expect((await post({ ...v1([]), headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });
});

describe('who may write', () => {
  const good = () => v1([sampled(labels('__name__', 'suite_a'))]);

  it('is 403 for a token without the scope, and says which', async () => {
    const answer = await post(good(), READ_TOKEN);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringMatching(/grafana.*no scope "write"/)]);
  });

  it('is 403 for a token that no source names, and says what to do', async () => {
    const answer = await post(good(), STRAY_TOKEN);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringMatching(/stray.*belongs to no source/)]);
  });
});

function post({ headers, body }: OutgoingRequest, token: string = CREDENTIALS.password): Promise<Response> {
  return fetch(receiver.url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: new Uint8Array(body),
  });
}

function queued() {
  return queue.take().flatMap(({ body }) => decodeWriteRequest(uncompress(body, 1e6), V2).timeseries);
}
