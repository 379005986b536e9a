import { describe, expect, it } from 'vitest';
import { askRange, type Data, histogram, MINUTE } from '../ask.ts';

const narrow = { lookbackDelta: 2 * MINUTE };

describe('instant selectors', () => {
  it('look back, and not quite as far as the lookback', async () => {
    expect(await askRange({ x: [1, null, null, 4] }, 'x', 6, narrow)).toEqual({ x: [1, 1, null, 4, 4, null, null] });
  });

  it('end at a stale marker', async () => {
    expect(await askRange({ x: [1, 'stale', null, 4] }, 'x', 3)).toEqual({ x: [1, null, null, 4] });
  });

  it('pass ordinary NaN', async () => {
    expect(await askRange({ x: [1, Number.NaN] }, 'x', 1)).toEqual({ x: [1, Number.NaN] });
  });

  it.each([
    ['x offset 1m', [null, 1, 2, 3]],
    ['x offset -1m', [2, 3, 4, 4]],
    ['x @ 60', [2, 2, 2, 2]],
    ['x @ 180 offset 1m', [3, 3, 3, 3]],
    ['x offset 1m @ end()', [3, 3, 3, 3]],
  ])('%s', async (query, expected) => {
    expect(await askRange({ x: [1, 2, 3, 4] }, query, 3)).toEqual({ x: expected });
  });

  it('give the later of a float and a histogram', async () => {
    const data: Data = { x: [1, histogram(2), null, 4, histogram(5), 'stale'] };
    expect(await askRange(data, 'x', 5)).toEqual({ x: [1, '2/2', '2/2', 4, '5/5', null] });
  });

  it('end a histogram at a stale histogram', async () => {
    const { STALE_NAN } = await import('../../../lib/model/stale-marker.ts');
    const data: Data = { x: [histogram(1), histogram(0, STALE_NAN), null, histogram(4)] };
    expect(await askRange(data, 'x', 3)).toEqual({ x: ['1/1', null, null, '4/4'] });
    expect(await askRange(data, 'count_over_time(x[10m])', 3)).toEqual({ '{}': [1, 1, 1, 2] });
  });

  it('tell timestamp() when the sample was taken', async () => {
    const data: Data = { 'x{a="1"}': [1, null, 3] };
    expect(await askRange(data, 'timestamp(x)', 3)).toEqual({ '{a="1"}': [0, 0, 120, 120] });
    expect(await askRange(data, 'timestamp((x @ 60))', 3)).toEqual({ '{a="1"}': [0, 0, 0, 0] });
    expect(await askRange(data, 'timestamp(x + 0)', 3)).toEqual({ '{a="1"}': [0, 60, 120, 180] });
  });
});

describe('smoothed selectors', () => {
  it('stand on the line between samples', async () => {
    const data: Data = { x: [0, null, 4, null, null, 7] };
    expect(await askRange(data, 'x smoothed', 6)).toEqual({ x: [0, 2, 4, 5, 6, 7, 7] });
  });

  it('have nothing before the first sample', async () => {
    expect(await askRange({ x: [null, 4] }, 'x smoothed', 1)).toEqual({ x: [null, 4] });
  });

  it('draw the line between histograms too', async () => {
    const data: Data = { x: [histogram(2), null, histogram(4)] };
    expect(await askRange(data, 'x smoothed', 2)).toEqual({ x: ['2/2', '3/3', '4/4'] });
  });
});
