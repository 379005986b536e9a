import { describe, expect, it } from 'vitest';
import { JsonWriter } from '../../../lib/api/json/json-writer.ts';
import { writeHistogram } from '../../../lib/api/json/write-histogram.ts';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import { capture, itWithCaptures } from '../captures.ts';

const EMPTY: FloatHistogram = {
  resetHint: 'unknown',
  schema: 2,
  zeroThreshold: 1e-128,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveSpans: [],
  negativeSpans: [],
  positiveBuckets: new Float64Array(),
  negativeBuckets: new Float64Array(),
  customValues: [],
};

/** What the target behind the captures exposed: the same observations, scaled by the time it ran. */
function latency(unit: number): FloatHistogram {
  return {
    ...EMPTY,
    zeroCount: 3 * unit,
    count: 33 * unit,
    sum: 10.5 * unit,
    positiveSpans: [
      { offset: -3, length: 3 },
      { offset: 1, length: 2 },
    ],
    positiveBuckets: Float64Array.of(6 * unit, 6 * unit, 3 * unit, 6 * unit, 3 * unit),
    negativeSpans: [{ offset: 0, length: 1 }],
    negativeBuckets: Float64Array.of(6 * unit),
  };
}

describe('writeHistogram', () => {
  itWithCaptures('writes negative, zero and positive buckets as Prometheus', () => {
    expect(capture('3.5', 'q_nh').text).toContain(`,${text(latency(23))}]`);
  });

  itWithCaptures('writes every histogram of a range as Prometheus', () => {
    const { text: body } = capture('3.5', 'qr_nh');
    for (const unit of [21, 22, 23]) expect(body).toContain(`,${text(latency(unit))}]`);
  });

  it('leaves out empty buckets, and the list when all are', () => {
    expect(text({ ...EMPTY, positiveSpans: [{ offset: 0, length: 1 }], positiveBuckets: Float64Array.of(0) })).toBe(
      '{"count":"0","sum":"0"}',
    );
  });

  it('writes custom bounds, the last bucket up to infinity', () => {
    const histogram: FloatHistogram = {
      ...EMPTY,
      schema: -53,
      zeroThreshold: 0,
      count: 3,
      sum: Number.NaN,
      positiveSpans: [{ offset: 0, length: 3 }],
      positiveBuckets: Float64Array.of(1, 0, 2),
      customValues: [0.5, 1],
    };
    expect(text(histogram)).toMatch(
      /^\{"count":"3","sum":"NaN","buckets":\[\[[03],"-Inf","0.5","1"\],\[0,"1","\+Inf","2"\]\]\}$/,
    );
  });
});

function text(histogram: FloatHistogram): string {
  const out = new JsonWriter();
  writeHistogram(out, histogram);
  return out.toBuffer().toString();
}
