import { describe, expect, it } from 'vitest';
import { openHistogramBlock } from '../../lib/chunkenc/decode-histogram-block.ts';
import { encodeHistogramBlock } from '../../lib/chunkenc/encode-histogram-block.ts';
import { compareOutputs } from '../../lib/cli/rule-trial/compare-outputs.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { STALE_HISTOGRAM } from './arbitrary-histogram.ts';
import { series } from './series.ts';

/**
 * V8 loses the marker's bits where a literal such as `[value, start]` runs for about the tenth time (Node 20 to 24), neither
 * before nor after. So this file has the code run for the first times, and with markers alone.
 */
const TIMES = 50;
const markers = () => new Float64Array(TIMES).fill(STALE_NAN);
const times = () => Float64Array.from({ length: TIMES }, (_, i) => 100 * i + 1);

describe('the first times that code runs, the stale marker is kept by', () => {
  it('blocks of histograms', () => {
    const histograms = Array.from(times(), (timestamp) => ({ ...STALE_HISTOGRAM, timestamp }));
    const ids = { idsHigh: Uint32Array.of(1), idsLow: Uint32Array.of(2), offsets: Uint32Array.of(0, TIMES) };
    const decoded = openHistogramBlock(encodeHistogramBlock({ ...ids, histograms }))
      .histograms()
      .of(0);
    expect(decoded.map(({ sum }) => isStaleNaN(sum))).toEqual(new Array(TIMES).fill(true));
  });

  it('comparisons of rules, which take two for equal', () => {
    const one = [{ labels: series('a'), floats: { timestamps: times(), values: markers() } }];
    expect(compareOutputs(one, one)).toMatchObject({ compared: 0, different: 0 });
  });
});
