import { describe, expect, it } from 'vitest';
import { decodeWriteRequest } from '../../../lib/prompb/decode-write-request.ts';
import type { TimeSeries } from '../../../lib/prompb/write-request.ts';
import { uncompress } from '../../../lib/wire/snappy.ts';
import { RefusedError, RemoteWriter } from '../../../local/demo/remote-writer.ts';

const WRITTEN = 'X-Prometheus-Remote-Write-Samples-Written';

describe('RemoteWriter', () => {
  it('sends what Prometheus sends', async () => {
    const { writer, requests } = newWriter(accept);
    await writer.write(series(2));
    const [request] = requests;
    expect(request?.headers).toMatchObject({
      Authorization: `Basic ${Buffer.from('demo:s3cret').toString('base64')}`,
      'Content-Encoding': 'snappy',
      'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      'X-Prometheus-Remote-Write-Version': '2.0.0',
    });
    expect(request?.series).toMatchObject([
      { labels: [{ name: '__name__', value: 'm0' }], samples: [{ timestamp: 1000, value: 0 }] },
      { labels: [{ name: '__name__', value: 'm1' }], samples: [{ timestamp: 1000, value: 1 }] },
    ]);
  });

  it('sends at most 2000 samples at a time, in order', async () => {
    const { writer, requests } = newWriter(accept);
    await writer.write(series(4500));
    expect(requests.map(({ series: sent }) => sent.length)).toEqual([2000, 2000, 500]);
    expect(requests[2]?.series[0]?.labels[0]?.value).toBe('m4000');
  });

  it('tries again on 5xx, on 429 and when there is no answer, more and more slowly', async () => {
    const answers = [() => new Response('', { status: 503 }), fail, () => new Response('', { status: 429 })];
    const { writer, requests, pauses } = newWriter((sent) => answers.shift()?.() ?? accept(sent));
    await writer.write(series(1));
    expect(requests).toHaveLength(4);
    expect(pauses).toEqual([30, 60, 120]);
    expect(requests.map(({ headers }) => headers['Retry-Attempt'])).toEqual([undefined, '1', '2', '3']);
  });

  it('waits for as long as it is told, and never longer than five seconds by itself', async () => {
    let attempts = 0;
    const { writer, pauses } = newWriter((sent) => {
      if (++attempts === 1) return new Response('', { status: 503, headers: { 'Retry-After': '7' } });
      return attempts < 12 ? new Response('', { status: 500 }) : accept(sent);
    });
    await writer.write(series(1));
    expect(pauses[0]).toBe(7000);
    expect(Math.max(...pauses.slice(1))).toBe(5000);
  });

  it('gives up on 4xx, with the reason', async () => {
    const { writer, requests } = newWriter(() => new Response('too old', { status: 400 }));
    await expect(writer.write(series(3))).rejects.toThrow(new RefusedError('cannot write 3 series: 400 too old'));
    expect(requests).toHaveLength(1);
  });

  it('does not trust a receiver that does not say what it took', async () => {
    const silent = newWriter(() => new Response(null, { status: 204 }));
    await expect(silent.writer.write(series(2))).rejects.toThrow('the receiver took no of 2 samples');
    const partial = newWriter(() => new Response(null, { status: 204, headers: { [WRITTEN]: '1' } }));
    await expect(partial.writer.write(series(2))).rejects.toThrow('the receiver took 1 of 2 samples');
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const { writer } = newWriter(() => {
      controller.abort();
      return new Response('', { status: 503 });
    }, controller.signal);
    await expect(writer.write(series(1))).rejects.toMatchObject({ name: 'AbortError' });
  });
});

interface SentRequest {
  readonly headers: Record<string, string>;
  readonly series: readonly TimeSeries[];
}

function newWriter(answer: (sent: SentRequest) => Response, signal = new AbortController().signal) {
  const requests: SentRequest[] = [];
  const pauses: number[] = [];
  const writer = new RemoteWriter({
    url: 'http://127.0.0.1:1/api/v1/write',
    username: 'demo',
    password: 's3cret',
    signal,
    sleep: async (ms) => pauses.push(ms),
    fetch: async (_, { headers, body } = {}) => {
      const bytes = uncompress(body as Uint8Array, 1 << 20);
      const { timeseries } = decodeWriteRequest(bytes, 'io.prometheus.write.v2.Request');
      const request = { headers: headers as Record<string, string>, series: timeseries };
      requests.push(request);
      return answer(request);
    },
  });
  return { writer, requests, pauses };
}

function accept({ series: sent }: SentRequest): Response {
  return new Response(null, { status: 204, headers: { [WRITTEN]: String(sent.length) } });
}

function fail(): never {
  throw new TypeError('fetch failed');
}

function series(count: number): TimeSeries[] {
  return Array.from({ length: count }, (_, index) => ({
    labels: [{ name: '__name__', value: `m${index}` }],
    samples: [{ timestamp: 1000, value: index }],
    histograms: [],
    exemplars: [],
  }));
}
