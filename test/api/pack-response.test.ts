import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_LAMBDA_RESPONSE_BYTES, packResponse } from '../../lib/api/pack-response.ts';
import { resultOf as lambdaResultOf } from '../../lib/lambda/http-event.ts';
import { Labels } from '../../lib/model/labels.ts';
import type { ResultSeries } from '../../lib/promql/result.ts';
import { apiOf, engineOf, get, resultOf } from './fixture.ts';

const LAMBDA_LIMIT = 6 * 1024 * 1024;
const LONG = Buffer.from('{"metric":{"job":"api"}},'.repeat(100));

describe('packResponse', () => {
  it.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, GZIP;q=0.5', '*'])(
    'compresses a long body for %s',
    async (accept) => {
      const response = await pack(LONG, accept);
      expect(response.headers.get('content-encoding')).toBe('gzip');
      const body = Buffer.from(await response.arrayBuffer());
      expect(body.length).toBeLessThan(LONG.length / 10);
      expect(gunzipSync(body)).toEqual(LONG);
    },
  );

  it.each(['', 'identity', 'br', 'gzip;q=0', '*;q=0', 'gzipped', '*, gzip;q=0'])(
    'leaves it as it is for "%s"',
    async (accept) => {
      const response = await pack(LONG, accept);
      expect(response.headers.get('content-encoding')).toBeNull();
      expect(Buffer.from(await response.arrayBuffer())).toEqual(LONG);
    },
  );

  it('does not compress what is short', async () => {
    expect((await pack(Buffer.from('{}'), 'gzip')).headers.get('content-encoding')).toBeNull();
  });

  it('fills a Lambda response to its bound and never beyond, however much a body grows on the way', async () => {
    const quotes = Buffer.alloc(MAX_LAMBDA_RESPONSE_BYTES / 2, '"');
    const incompressible = Buffer.from(randomBytes(Math.floor(MAX_LAMBDA_RESPONSE_BYTES / 4) * 3 - 2000));
    for (const [body, accept] of [
      [quotes, ''],
      [incompressible, 'gzip'],
    ] as const) {
      const result = await lambdaResultOf(await pack(body, accept));
      const size = Buffer.byteLength(JSON.stringify(result));
      expect(size).toBeGreaterThan(LAMBDA_LIMIT * 0.98);
      expect(size).toBeLessThanOrEqual(LAMBDA_LIMIT);
    }
    const controls = Buffer.alloc(MAX_LAMBDA_RESPONSE_BYTES / 4, '\u0001');
    await expect(pack(controls, '')).rejects.toThrow(/^cannot return the result: /);
    const binary = Buffer.alloc(Math.floor(MAX_LAMBDA_RESPONSE_BYTES * 0.8));
    const protobuf = 'application/vnd.google.protobuf';
    await expect(packResponse(get('/'), binary, protobuf, MAX_LAMBDA_RESPONSE_BYTES)).rejects.toThrow(
      /^cannot return the result: /,
    );
    await expect(pack(Buffer.concat([quotes, Buffer.from('"')]), '')).rejects.toThrow(/^cannot return the result: /);
    await expect(pack(Buffer.concat([incompressible, randomBytes(4000)]), 'gzip')).rejects.toThrow(/compressed/);
  });

  it('says what helps', async () => {
    await expect(packResponse(get('/'), LONG, 'application/json', 1000)).rejects.toThrow(
      /narrow the selector or the time range, aggregate, use a larger step, or set limit; or ask .* "Accept-Encoding: gzip"$/,
    );
    const compressed = packResponse(get('/', { 'accept-encoding': 'gzip' }), LONG, 'application/json', 10);
    await expect(compressed).rejects.toThrow(/or set limit$/);
  });
});

describe('a result too large for one response', () => {
  const matrix = engineOf(() => resultOf({ kind: 'matrix', series: [series(100_000)] }));
  const path = '/api/v1/query_range?query=x&start=0&end=1&step=1';

  it('is answered with 422, before all of it is written', async () => {
    for (const maxResponseBytes of [1000, 1_000_000]) {
      const response = await apiOf({ engine: matrix, maxResponseBytes }).fetch(get(path));
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        errorType: 'execution',
        error: expect.stringContaining('cannot return the result'),
      });
    }
  });

  it('may fit compressed', async () => {
    const api = apiOf({ engine: matrix, maxResponseBytes: 1_500_000 });
    expect((await api.fetch(get(path))).status).toBe(422);
    const response = await api.fetch(get(path, { 'accept-encoding': 'gzip' }));
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
    expect(JSON.parse(text).data.result[0].values).toHaveLength(100_000);
  });
});

function pack(body: Buffer, acceptEncoding: string): Promise<Response> {
  const request = get('/', acceptEncoding === '' ? {} : { 'accept-encoding': acceptEncoding });
  return packResponse(request, body, 'application/json', MAX_LAMBDA_RESPONSE_BYTES);
}

function series(points: number): ResultSeries {
  return {
    labels: Labels.empty,
    timestamps: Float64Array.from({ length: points }, (_, i) => i * 1000),
    values: Float64Array.from({ length: points }, (_, i) => Math.round(Math.sin(i) * 100)),
    histogramTimestamps: new Float64Array(),
    histograms: [],
  };
}
