import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../lib/context/tenant.ts';
import { parseIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import type { IntakeRequest } from '../../lib/pipeline/intake-request.ts';
import { RateLimits } from '../../lib/pipeline/rate-limit.ts';
import { type IntakeDependencies, receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import type { QueueMessage } from '../../lib/queue/interface.ts';
import { MAX_MESSAGE_BODY_BYTES } from '../../lib/queue/interface.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { messageIds } from '../../lib/storage/message-id.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { encodingOf, readBody, readCaptures } from '../prompb/captures.ts';
import {
  exemplar,
  labels,
  nativeHistogram,
  type OutgoingRequest,
  sampled,
  series,
  V2,
  v1,
  v2,
} from '../receiver/messages.ts';
import { CREDENTIALS, TEST_TENANTS } from '../receiver/test-tenants.ts';

const wanted = (n = '') => labels('__name__', `wanted${n}`);
const other = labels('__name__', 'other');
const nameless = labels('job', 'x');

describe('receive', () => {
  it('queues what is selected, in the envelope that credentials and plan decide', async () => {
    const { messages } = await exchange(v1([sampled(wanted(), 4), sampled(other)]));
    expect(messages.map(({ envelope: { account, ...rest } }) => rest)).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}-0$/),
        tenant: 'acme',
        source: 'main',
        plan: 'plan-7',
        receivedAt: 1_795_000_000_000,
      },
    ]);
    expect(seriesOf(messages)).toMatchObject([{ labels: wanted(), samples: [{ value: 4 }] }]);
  });

  it('gives a request that is repeated its name again, however often and in whatever state of memory', async () => {
    const request = v1([sampled(wanted(), 4), sampled(other)]);
    const memories = new SeriesMemories();
    const ids = [];
    for (const requestId of ['first', 'second', '']) {
      const { messages } = await exchange(request, { memories }, { requestId, receivedAt: Date.now() });
      ids.push(...messages.map(({ envelope }) => envelope.id));
    }
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it('names requests of different content, or from different sources, differently', async () => {
    const renamed = { ...tenant(), sources: tenant().sources.map((source) => ({ ...source, name: 'elsewhere' })) };
    const request = v1([sampled(wanted(), 4)]);
    const idOf = async (...args: Parameters<typeof exchange>) => (await exchange(...args)).messages[0]?.envelope.id;
    const ids = [
      await idOf(request),
      await idOf(v1([sampled(wanted(), 5)])),
      await idOf(request, { tenants: [renamed] }),
    ];
    expect(new Set(ids).size).toBe(3);
  });

  it('counts everything: accepted, selected, unselected, refused, exemplars, metadata', async () => {
    const { messages, response } = await exchange(
      v2(
        sampled(wanted(), 1, {
          metadata: { type: 'gauge', help: 'h', unit: '' },
          exemplars: [exemplar([]), tooLong()],
        }),
        series(wanted('_histogram'), { histograms: [nativeHistogram(), nativeHistogram({ count: 1 })] }),
        sampled(other),
        sampled(nameless),
      ),
    );
    expect(response.status).toBe(400);
    const { tally, examples } = accountOf(messages);
    expect(tally).toMatchObject({
      accepted: 3,
      selected: 2,
      unselected: 1,
      refused: { exemplar_too_long: 1, invalid_histogram: 1, no_metric_name: 1 },
      exemplars: 1,
      metadata: 1,
    });
    expect(examples.map(({ reason, series }) => [reason, series])).toEqual([
      ['exemplar_too_long', 'wanted'],
      ['invalid_histogram', 'wanted_histogram'],
      ['no_metric_name', '{job="x"}'],
    ]);
    expect(response.outcome).toMatchObject({ tenant: 'acme', source: 'main', account: { tally } });
  });

  it('leaves a message of nothing but its account where no rule uses anything', async () => {
    const { messages, response } = await exchange(v2(sampled(other), sampled(other)));
    expect(response.headers['X-Prometheus-Remote-Write-Samples-Written']).toBe('2');
    expect([messages.length, seriesOf(messages)]).toEqual([1, []]);
    expect(accountOf(messages).tally).toMatchObject({ accepted: 2, selected: 0, unselected: 2 });
  });

  it('leaves no message where there is nothing to count', async () => {
    expect((await exchange(v2())).messages).toEqual([]);
    expect((await exchange(v1([series(wanted())]))).messages).toEqual([]);
  });

  it.each([
    ['wrong headers', { ...v1([]), headers: { 'content-type': 'text/plain' } }, 'unsupported_media_type'],
    ['an empty body', { ...v1([]), body: new Uint8Array() }, 'empty_body'],
    ['a corrupt body', { ...v1([]), body: Uint8Array.of(9, 9) }, 'corrupt_body'],
    ['nothing valid', v1([sampled(nameless)]), 'no_metric_name'],
  ])('accounts for a request that it refuses: %s', async (_, request, reason) => {
    const { messages, response } = await exchange(request);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(seriesOf(messages)).toEqual([]);
    const { tally, examples } = accountOf(messages);
    expect([tally.refused, examples.map((example) => example.reason)]).toEqual([{ [reason]: 1 }, [reason]]);
  });

  it('leaves no trace of strangers', async () => {
    const { messages, response } = await exchange(v1([sampled(wanted())]), {}, { headers: {} });
    expect([response.status, messages, response.outcome]).toEqual([401, [], {}]);
  });

  it('carries histograms whole', async () => {
    const histogram = nativeHistogram({ startTimestamp: Date.now() - 1000, resetHint: 'no' });
    const { messages } = await exchange(v2(series(wanted(), { histograms: [histogram] })));
    expect(seriesOf(messages)[0]?.histograms).toEqual([histogram]);
  });

  it('sorts labels and drops empty ones before it queues them', async () => {
    const { messages } = await exchange(v1([sampled(labels('z', '1', 'b', '', '__name__', 'wanted', 'a', '2'))]));
    expect(seriesOf(messages)[0]?.labels).toEqual(labels('__name__', 'wanted', 'a', '2', 'z', '1'));
  });

  it('selects on the labels as sorted and complete', async () => {
    const seen: string[] = [];
    const selects: IntakeDependencies['selects'] = (set) => seen.push(set.toString()) > 0;
    await exchange(v1([sampled(labels('z', '1', '__name__', 'wanted', 'a', '2'))]), { selects });
    expect(seen).toEqual(['wanted{a="2", z="1"}']);
  });

  it('lets metadata of selected families travel, under name or the names of their samples', async () => {
    const selected = new Set(['wanted_total', 'wanted_seconds_bucket', 'wanted_gauge']);
    const families = ['wanted', 'wanted_seconds', 'wanted_gauge', 'unwanted'].map((metricFamilyName) => ({
      metricFamilyName,
      type: 'counter' as const,
      help: metricFamilyName,
      unit: '',
    }));
    const { messages } = await exchange(v1([], families), { selects: (set) => selected.has(set.metricName) });
    expect(seriesOf(messages).map(({ labels: of, metadata }) => [of, metadata?.help])).toEqual([
      [labels('__name__', 'wanted'), 'wanted'],
      [labels('__name__', 'wanted_seconds'), 'wanted_seconds'],
      [labels('__name__', 'wanted_gauge'), 'wanted_gauge'],
    ]);
    expect(accountOf(messages).tally.metadata).toBe(4);
  });

  it('takes the metadata of a family that a selected series of the same request belongs to', async () => {
    const family = { metricFamilyName: 'wanted', type: 'counter', help: 'h', unit: '' } as const;
    const { messages } = await exchange(v1([sampled(labels('__name__', 'wanted_total', 'job', 'a'))], [family]), {
      selects: (set) => set.get('job') === 'a',
    });
    expect(seriesOf(messages).map((of) => of.metadata?.help)).toEqual([undefined, 'h']);
  });

  it('splits a large request into messages that the queue can take, and counts it once', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) =>
      sampled(labels('__name__', 'wanted', 'random', noise(i, 48)), i),
    );
    const { messages } = await exchange(v2(...many));
    expect(messages.length).toBeGreaterThan(1);
    expect(Math.max(...messages.map(({ body }) => body.length))).toBeLessThanOrEqual(MAX_MESSAGE_BODY_BYTES);
    const [id] = (messages[0]?.envelope.id ?? '').split('-');
    const ids = messageIds(
      id ?? '',
      messages.map(({ body }) => body),
    );
    expect(messages.map(({ envelope }) => envelope.id)).toEqual(ids);
    expect(messages.map(({ envelope }) => parseIntakeAccount(envelope.account).tally.accepted)).toEqual([
      30_000,
      ...Array(messages.length - 1).fill(0),
    ]);
    expect(seriesOf(messages).map((of) => of.samples[0]?.value)).toEqual(many.map((_, i) => i));
  });

  it('splits a single series between its samples', async () => {
    const now = Date.now();
    const samples = Array.from({ length: 150_000 }, (_, i) => ({ timestamp: now - i, value: Math.sin(i) * 1e9 }));
    const { messages } = await exchange(
      v2(series(wanted(), { samples, metadata: { type: 'gauge', help: 'h', unit: '' } })),
    );
    expect(messages.length).toBeGreaterThan(1);
    expect(seriesOf(messages).flatMap((of) => of.samples)).toEqual(samples);
    expect(seriesOf(messages).filter(({ metadata }) => metadata !== undefined)).toHaveLength(1);
  });

  it('can queue the largest single sample that it accepts', async () => {
    const limits = { ...tenant().limits, maxLabelValueLength: 1e6, maxLabelsPerSeries: 1e6 };
    const buckets = Array.from({ length: 5_000 }, (_, i) => (i % 2 === 0 ? 1e15 : -1e15) + i);
    const large = series(labels('__name__', 'wanted', 'random', noise(1, 250_000)), {
      histograms: [
        nativeHistogram({
          positiveSpans: Array.from({ length: 5_000 }, (_, i) => ({ offset: i, length: 1 })),
          positiveDeltas: buckets,
          negativeSpans: [],
          negativeDeltas: [],
          count: Number.MAX_SAFE_INTEGER + 1,
        }),
      ],
      metadata: { type: 'histogram', help: noise(2, 16_000), unit: noise(3, 16_000) },
    });
    const { messages, response } = await exchange(v2(large), { tenants: [{ ...tenant(), limits }] });
    expect([response.status, messages.length]).toEqual([204, 1]);
  });

  it.each([
    ['too many labels', { maxLabelsPerSeries: 2 }, labels('__name__', 'wanted', 'a', '1', 'b', '2'), /too_many_labels/],
    ['a long name', { maxLabelNameLength: 8 }, labels('__name__', 'wanted', 'ninechars', '1'), /label_name_too_long/],
    ['a long value', { maxLabelValueLength: 8 }, labels('__name__', 'wanted', 'a', 'ééééé'), /label_value_too_long/],
    [
      'large labels',
      { maxLabelValueLength: 1e6 },
      labels('__name__', 'wanted', 'a', 'x'.repeat(300_000)),
      /labels_too_large/,
    ],
  ])('holds a tenant to its limits: %s', async (_, limits, of, reason) => {
    const limited = { ...tenant(), limits: { ...tenant().limits, ...limits } };
    const { response } = await exchange(v1([sampled(of)]), { tenants: [limited] });
    expect([response.status, response.body]).toEqual([400, expect.stringMatching(reason)]);
  });

  it('measures time by its own clock and the limits of the tenant', async () => {
    const now = 1_795_000_000_000;
    const { maxSampleAgeMs, maxSampleAheadMs } = tenant().limits;
    const status = async (timestamp: number) => {
      const request = v1([series(wanted(), { samples: [{ timestamp, value: 1 }] })]);
      return (await exchange(request, { now: () => now })).response.status;
    };
    expect(await status(now - maxSampleAgeMs)).toBe(204);
    expect(await status(now - maxSampleAgeMs - 1)).toBe(400);
    expect(await status(now + maxSampleAheadMs)).toBe(204);
    expect(await status(now + maxSampleAheadMs + 1)).toBe(400);
    expect(await status(2 ** 62)).toBe(400);
  });

  it('quotes hostile labels without passing them on', async () => {
    const hostile = labels('__name__', 'wanted', '', 'x', 'evil', `\u001b[31m\n\u202e${'y'.repeat(5000)}`);
    const { response } = await exchange(v1([sampled(hostile)]));
    expect(response.body).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(response.body.length).toBeLessThan(600);
    expect(response.body).toMatch(/wanted.*\\u\{202e\}.*…/);
  });

  it('answers any failure to send with 503 and keeps the cause for the log', async () => {
    const queue = { send: () => Promise.reject(new Error('the line is dead')) };
    const { response } = await exchange(v2(sampled(wanted())), { queue });
    expect(response).toMatchObject({ status: 503, headers: { 'Retry-After': '5' } });
    expect(response.body).not.toMatch(/dead/);
    expect(response.outcome.cause).toMatchObject({ message: 'the line is dead' });
  });
});

describe('a tenant that sends too fast', () => {
  const slow = (): Tenant => ({ ...tenant(), limits: { ...tenant().limits, maxSamplesPerSecond: 1 } });

  it('is told by 503 when to come again, and nothing of its request is taken or read', async () => {
    const [now, tenants] = [Date.now(), [slow()]];
    const clock = { now };
    const rates = new RateLimits(() => clock.now);
    const request = v1(Array.from({ length: 15 }, (_, i) => sampled(i % 2 === 0 ? wanted() : other, i)));
    expect((await exchange(request, { rates, tenants })).response.status).toBe(204);
    const refused = await exchange({ ...request, body: Uint8Array.of(9, 9) }, { rates, tenants });
    expect(refused.response).toMatchObject({ status: 503, headers: { 'Retry-After': '6' } });
    expect(refused.response.body).toMatch(
      /^tenant acme sends more than 1 samples a second; send the same request again/,
    );
    expect(refused.messages).toEqual([]);
    clock.now += 6000;
    expect((await exchange(request, { rates, tenants })).response.status).toBe(204);
  });

  it('is not charged for what the queue did not take', async () => {
    const [rates, tenants] = [new RateLimits(() => 0), [slow()]];
    const queue = { send: () => Promise.reject(new Error('the line is dead')) };
    const request = v1(Array.from({ length: 50 }, (_, i) => sampled(wanted(), i)));
    expect((await exchange(request, { rates, tenants, queue })).response.body).toMatch(/cannot queue/);
    expect((await exchange(request, { rates, tenants })).response.status).toBe(204);
  });
});

const captures = readCaptures();
if (captures.length === 0) console.warn('captures of real senders are absent: they are not received in this run');

describe('requests of real senders', () => {
  if (captures.length === 0) it.skip('need ../shared/captures, which is absent');

  it.each(captures.map((capture) => [capture.file, capture] as const))('%s is taken whole', async (_, capture) => {
    const headers = Object.fromEntries(Object.entries(capture.headers).map(([k, v]) => [k.toLowerCase(), v]));
    // A backlog of the time when they were recorded, and Prometheus's clock may run a little ahead of ours.
    const now = () => Date.parse('2026-11-22T12:30:00Z');
    const limits = { ...tenant().limits, maxSampleAgeMs: 48 * 3600_000, maxSampleAheadMs: 24 * 3600_000 };
    const { response, messages } = await exchange(
      { headers, body: readBody(capture) },
      { now, tenants: [{ ...tenant(), limits }], selects: () => true },
    );
    if (encodingOf(capture) !== 'snappy') {
      expect(response.status).toBe(415);
      return;
    }
    const { v, samples, hist, ex } = capture.decoded;
    expect([response.status, response.body]).toEqual([204, '']);
    expect(accountOf(messages).tally).toMatchObject({
      accepted: samples + hist,
      exemplars: ex,
      refused: {},
    });
    expect(response.headers['X-Prometheus-Remote-Write-Samples-Written']).toBe(v === 2 ? String(samples) : undefined);
    expect(seriesOf(messages).reduce((sum, of) => sum + of.samples.length, 0)).toBe(samples);
  });
});

function tenant(): Tenant {
  const [acme] = TEST_TENANTS;
  if (acme === undefined) throw new Error('the tenants of the tests are gone');
  return acme;
}

async function exchange(
  { method = 'POST', headers, body }: OutgoingRequest,
  changes: Partial<IntakeDependencies> = {},
  requestChanges: Partial<IntakeRequest> = {},
) {
  const queue = new MemoryQueue();
  const request: IntakeRequest = {
    method,
    headers: { ...headers, authorization: `Bearer ${CREDENTIALS.password}` },
    body,
    receivedAt: 1_795_000_000_000,
    requestId: 'request-1',
    ...requestChanges,
  };
  const response = await receive(request, {
    tenants: TEST_TENANTS,
    selects: (set) => set.metricName.startsWith('wanted'),
    planVersion: 'plan-7',
    queue,
    now: Date.now,
    memories: new SeriesMemories(),
    ...changes,
  });
  return { response, messages: queue.take() };
}

function seriesOf(messages: readonly QueueMessage[]) {
  return messages.flatMap(({ body }) => decodeWriteRequest(uncompress(body, 1e8), V2).timeseries);
}

function accountOf(messages: readonly QueueMessage[]) {
  return parseIntakeAccount(messages[0]?.envelope.account ?? '');
}

function tooLong() {
  return exemplar(labels('trace_id', 'x'.repeat(200)));
}

/** Text that does not compress. */
function noise(seed: number, length: number): string {
  let state = seed * 2654435761 + 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}
