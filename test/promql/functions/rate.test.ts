import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramToScript } from '../../../lib/promql/histogram/format.ts';
import { histogramOf } from '../histogram/histogram-of.ts';
import { type Cell, callFunction, matrix, onlyCells } from './call-function.ts';

type Samples = readonly (readonly [number, number])[];

describe('rate and increase', () => {
  it.each([
    ['a counter from zero is not extrapolated below it', minutely(0, 60, 120), 180, 120, 120],
    ['a counter that began long before', minutely(1060, 1120, 1180), 180, 150, 180],
    ['a counter that was reset', minutely(3, 9, 2, 6), 240, 210, 16],
    [
      'a counter that would reach zero inside the range',
      [
        [300, 1],
        [600, 11],
      ] as Samples,
      600,
      600,
      11,
    ],
    [
      'samples missing at the end',
      [
        [30, 1000],
        [60, 1030],
      ] as Samples,
      300,
      300,
      75,
    ],
  ])('%s', (_, samples, range, end, expected) => {
    const [increase] = onlyCells(callFunction('increase', [matrix(samples, range, [end])]));
    expect(increase).toBeCloseTo(expected, 9);
    const [rate] = onlyCells(callFunction('rate', [matrix(samples, range, [end])]));
    expect(rate).toBeCloseTo(expected / range, 9);
  });

  it('needs two samples', () => {
    expect(callFunction('rate', [matrix([[30, 5]], 60, [60])]).cells).toEqual({});
    expect(callFunction('increase', [matrix([], 60, [60])]).cells).toEqual({});
  });

  it('equals a plain reckoning on counters with resets', () => {
    const counters = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 20 }), fc.nat(9)), {
        minLength: 2,
        maxLength: 60,
      })
      .map(counterOf);
    fc.assert(
      fc.property(counters, fc.integer({ min: 20, max: 600 }), (samples, range) => {
        const ends = Array.from({ length: 30 }, (_, i) => 30 * (i + 1));
        const cells = Object.values(callFunction('increase', [matrix(samples, range, ends)]).cells)[0] ?? [];
        for (const [i, end] of ends.entries()) {
          const expected = plainIncrease(samples, end - range, end);
          if (expected === undefined) expect(cells[i]).toBeUndefined();
          else expect(cells[i]).toBeCloseTo(expected, 9);
        }
      }),
    );
  });

  it('warns of metrics that do not look like counters', () => {
    const samples: Samples = [
      [0, 1],
      [30, 2],
    ];
    const named = (name: string) =>
      callFunction('rate', [{ ...matrix(samples, 60, [30]), series: rename(samples, name) }]).infos;
    expect(named('requests_total')).toEqual([]);
    expect(named('requests')).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "requests" (1:1)',
    ]);
  });

  it('goes by types where these are labels', () => {
    const samples: Samples = [
      [0, 1],
      [30, 2],
    ];
    const { infos } = callFunction('rate', [matrix(samples, 60, [30])], { typeAndUnitLabels: true });
    expect(infos).toEqual([
      'PromQL info: metric might not be a counter, __type__ label is not set to "counter" or "histogram", got "": "metric_total" (1:1)',
    ]);
  });

  it('gives nothing where floats and histograms mix', () => {
    const answer = callFunction('rate', [
      matrix(
        [
          [0, 1],
          [30, histogramOf({ buckets: [1] })],
        ],
        60,
        [30],
      ),
    ]);
    expect(answer.cells).toEqual({});
    expect(answer.warnings).toEqual([
      'PromQL warning: encountered a mix of histograms and floats for metric name "metric_total" (1:1)',
    ]);
  });
});

describe('start timestamps', () => {
  it('mark resets that values do not show', () => {
    const samples: Samples = [
      [60, 5],
      [120, 5],
      [180, 5],
    ];
    const window = matrix(samples, 180, [180], {}, { startTimestamps: Float64Array.of(30_000, 90_000, 150_000) });
    expect(onlyCells(callFunction('increase', [window]))[0]).toBe(15);
  });

  it('make a single sample count', () => {
    const window = matrix([[120, 3]], 180, [180], {}, { startTimestamps: Float64Array.of(60_000) });
    expect(onlyCells(callFunction('increase', [window]))).toEqual([3]);
  });

  it('are told of where they contradict samples', () => {
    const samples: Samples = [
      [60, 1],
      [120, 2],
    ];
    const window = matrix(samples, 180, [180], {}, { startTimestamps: Float64Array.of(10_000, 20_000) });
    expect(callFunction('rate', [window]).warnings).toEqual([
      'PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "metric_total" (1:1)',
    ]);
  });
});

describe('rates of histograms', () => {
  const growing = (...counts: number[]) =>
    counts.map((count, i) => [30 * (i + 1), histogramOf({ buckets: [count], sum: 2 * count })] as const);

  it('make up for resets in any bucket', () => {
    const samples = [
      [0, histogramOf({ sum: 5, buckets: [1, 2, 1] })],
      [300, histogramOf({ sum: 6, buckets: [1, 1, 3] })],
      [600, histogramOf({ sum: 7, buckets: [1, 2, 3] })],
    ] as const;
    expect(scripts(callFunction('increase', [matrix(samples, 900, [600])]).cells)).toEqual([
      '{{count:9 sum:10.5 counter_reset_hint:gauge buckets:[1.5 3 4.5]}}',
    ]);
  });

  it('warn of gauges, and deltas of counters', () => {
    const gauges = growing(1, 2).map(([time, one]) => [time, { ...one, resetHint: 'gauge' as const }] as const);
    expect(callFunction('rate', [matrix(gauges, 60, [60])]).warnings).toEqual([
      'PromQL warning: this native histogram metric is not a counter: "metric_total" (1:1)',
    ]);
    expect(callFunction('delta', [matrix(gauges, 60, [60])]).warnings).toEqual([]);
    expect(callFunction('delta', [matrix(growing(1, 2), 60, [60])]).warnings).toEqual([
      'PromQL warning: this native histogram metric is not a gauge: "metric_total" (1:1)',
    ]);
  });

  it('give nothing where exponential and custom buckets mix', () => {
    const samples = [...growing(1, 3), [90, histogramOf({ bounds: [1], buckets: [9] })] as const];
    const answer = callFunction('rate', [matrix([...samples, ...later(growing(9))], 300, [120])]);
    expect(answer.cells).toEqual({});
    expect(answer.warnings).toEqual([
      'PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "metric_total" (1:1)',
    ]);
  });

  it('equal the rate of the count', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 30, max: 300 }),
        (counts, range) => {
          const ends = [60, 150, 240, 600];
          const asFloats = growing(...counts).map(([time, { count }]) => [time, count] as const);
          const ofFloats = Object.values(callFunction('rate', [matrix(asFloats, range, ends)]).cells)[0] ?? [];
          const ofHistograms =
            Object.values(callFunction('rate', [matrix(growing(...counts), range, ends)]).cells)[0] ?? [];
          for (const [i, cell] of ofHistograms.entries()) {
            if (typeof cell === 'object') expect(cell.count).toBeCloseTo(ofFloats[i] as number, 9);
            else expect(ofFloats[i]).toBe(cell);
          }
        },
      ),
    );
  });
});

describe('extended selectors', () => {
  const samples: Samples = [0, 1, 2, 3, 4].map((i) => [15 * i, i + 1] as const);

  it('take the sample before the range with anchored', () => {
    const increases = (ends: number[]) =>
      onlyCells(callFunction('increase', [matrix(samples, 60, ends, { extension: 'anchored' })]));
    expect(increases([5, 20, 35, 65])).toEqual([0, 1, 2, 4]);
  });

  it('interpolate at the boundaries with smoothed', () => {
    const cells = onlyCells(callFunction('increase', [matrix(samples, 60, [20, 35, 50], { extension: 'smoothed' })]));
    expect(cells.map((cell) => Number(cell).toFixed(6))).toEqual(['1.333333', '2.333333', '3.333333']);
  });

  it('look no farther than the lookback', () => {
    const window = matrix(
      [
        [0, 1],
        [400, 5],
      ],
      60,
      [420],
      { extension: 'anchored', lookbackDelta: 300_000 },
    );
    expect(onlyCells(callFunction('increase', [window]))).toEqual([0]);
    expect(onlyCells(callFunction('increase', [{ ...window, lookbackDelta: 400_000 }]))).toEqual([4]);
  });

  it('do the same to histograms as to floats', () => {
    const asHistograms = samples.map(([time, value]) => [time, histogramOf({ buckets: [value] })] as const);
    for (const extension of ['anchored', 'smoothed'] as const) {
      const floats = onlyCells(callFunction('rate', [matrix(samples, 40, [20, 35, 50, 70], { extension })]));
      const histograms = onlyCells(callFunction('rate', [matrix(asHistograms, 40, [20, 35, 50, 70], { extension })]));
      for (const [i, cell] of histograms.entries()) {
        expect(typeof cell === 'object' ? cell.count : cell).toBeCloseTo(floats[i] as number, 9);
      }
    }
  });
});

/** Samples a minute apart from 0 on. */
function minutely(...values: number[]): Samples {
  return values.map((value, i) => [60 * i, value] as const);
}

/** Counts from increments; every tenth on average restarts at the increment. */
function counterOf(steps: readonly (readonly [number, number, number])[]): Samples {
  let time = 0;
  let value = 0;
  return steps.map(([gap, increment, dice]) => {
    time += gap;
    value = dice === 0 ? increment : value + increment;
    return [time, value];
  });
}

/** Straight from the description of `increase`: one window, looked at from the beginning. */
function plainIncrease(samples: Samples, start: number, end: number): number | undefined {
  const inside = samples.filter(([time]) => time > start && time <= end);
  const [first] = inside;
  const last = inside.at(-1);
  if (first === undefined || last === undefined || inside.length < 2) return undefined;
  let increase = 0;
  for (let i = 1; i < inside.length; i++) {
    const [before, after] = [inside[i - 1]?.[1] ?? 0, inside[i]?.[1] ?? 0];
    increase += after < before ? after : after - before;
  }
  const sampled = last[0] - first[0];
  const average = sampled / (inside.length - 1);
  const reach = (gap: number) => (gap >= 1.1 * average ? average / 2 : gap);
  const toZero = increase > 0 ? (sampled * first[1]) / increase : Number.POSITIVE_INFINITY;
  const toStart = Math.min(reach(first[0] - start), toZero);
  return (increase * (sampled + toStart + reach(end - last[0]))) / sampled;
}

function rename(samples: Samples, name: string) {
  return matrix(samples, 60, [30]).series.map((series) => ({
    ...series,
    labels: series.labels.with({ __name__: name }),
  }));
}

function later<T>(samples: readonly (readonly [number, T])[]): (readonly [number, T])[] {
  return samples.map(([time, value]) => [time + 90, value] as const);
}

function scripts(cells: Readonly<Record<string, readonly Cell[]>>): string[] {
  return (Object.values(cells)[0] ?? []).map((cell) => (typeof cell === 'object' ? histogramToScript(cell) : ''));
}
