import { Labels } from '../../../lib/model/labels.ts';
import type { Sample } from '../../../lib/model/sample.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import type { Series } from '../../../lib/storage/interface.ts';
import { Choices } from './choices.ts';

/** 2024-01-01, a time that stands on no grid of steps: neither a sample nor a window edge falls on a round second. */
export const DATA_START = Date.UTC(2024, 0, 1) + 5_137;
export const DATA_END = DATA_START + 2 * 3_600_000;
const INTERVAL = 15_000;

export interface DataSeries {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
}

/**
 * What a target exposes at each scrape: undefined where the series has no sample. Stale markers are named: an array of
 * plain numbers may lose the bits by which they are told from other NaNs.
 */
type Shape = (choices: Choices, scrapes: number) => (number | 'stale' | undefined)[];

/**
 * Two hours of counters with resets, gauges, small integers, negatives, a classic histogram, an info series, gaps,
 * stale markers, NaN and infinities. The same seed gives the same data.
 */
export function buildDataset(seed: number): DataSeries[] {
  const choices = new Choices(seed);
  const series: DataSeries[] = [];
  const add = (labels: Record<string, string>, shape: Shape) => series.push(toSeries(labels, shape, choices));
  for (const [job, instance] of targets()) {
    for (const method of ['GET', 'POST']) {
      for (const code of ['200', '404', '500'])
        add({ __name__: 'http_requests_total', job, instance, method, code }, counter);
    }
    for (const area of ['heap', 'nonheap']) add({ __name__: 'memory_bytes', job, instance, area }, gauge);
    add({ __name__: 'queue_length', job, instance }, smallInteger);
    add({ __name__: 'temperature_celsius', job, instance }, temperature);
    add({ __name__: 'build_info', job, instance, version: instance.endsWith('1') ? '1.2.3' : '1.3.0' }, constant(1));
    add({ __name__: 'flapping', job, instance }, flapping);
    addHistogram(series, { job, instance }, choices);
  }
  for (const [kind, value] of [
    ['nan', Number.NaN],
    ['inf', Number.POSITIVE_INFINITY],
    ['ninf', Number.NEGATIVE_INFINITY],
  ] as const) {
    add({ __name__: 'odd', kind }, (_, scrapes) =>
      Array.from({ length: scrapes }, (__, i) => (i % 3 === 0 ? value : i)),
    );
  }
  return series;
}

/** The same data in the form of a querier's answer. */
export function toColumns(series: readonly DataSeries[]): Series[] {
  return series.map(({ labels, samples }) => ({
    labels,
    floats: {
      timestamps: Float64Array.from(samples, (sample) => sample.timestamp),
      values: Float64Array.from(samples, (sample) => sample.value),
    },
  }));
}

function targets(): [string, string][] {
  return [
    ['api', 'a:1'],
    ['api', 'b:1'],
    ['api', 'c:2'],
    ['web', 'a:1'],
    ['web', 'd:2'],
  ];
}

function toSeries(labels: Record<string, string>, shape: Shape, choices: Choices): DataSeries {
  const scrapes = Math.floor((DATA_END - DATA_START) / INTERVAL);
  const jitter = choices.integer(0, 900);
  const samples = shape(choices, scrapes).flatMap((value, i) =>
    value === undefined
      ? []
      : [{ timestamp: DATA_START + i * INTERVAL + jitter, value: value === 'stale' ? STALE_NAN : value }],
  );
  return { labels: Labels.from(labels), samples };
}

function addHistogram(series: DataSeries[], target: Record<string, string>, choices: Choices): void {
  const bounds = ['0.005', '0.05', '0.5', '1', '5', '+Inf'];
  const scrapes = Math.floor((DATA_END - DATA_START) / INTERVAL);
  const totals = bounds.map(() => 0);
  const columns = bounds.map(() => [] as number[]);
  let sum = 0;
  const sums: number[] = [];
  for (let i = 0; i < scrapes; i++) {
    const seen = choices.integer(0, 20);
    for (let n = 0; n < seen; n++) {
      const bucket = choices.integer(0, bounds.length - 1);
      sum += 0.01 * 4 ** bucket * choices.fraction();
      for (let b = bucket; b < bounds.length; b++) totals[b] = (totals[b] as number) + 1;
    }
    for (const [b, total] of totals.entries()) columns[b]?.push(total);
    sums.push(sum);
  }
  const put = (labels: Record<string, string>, values: number[]) =>
    series.push(toSeries({ ...target, ...labels }, () => values, new Choices(7)));
  for (const [b, le] of bounds.entries()) put({ __name__: 'latency_seconds_bucket', le }, columns[b] as number[]);
  put({ __name__: 'latency_seconds_count' }, columns.at(-1) as number[]);
  put({ __name__: 'latency_seconds_sum' }, sums);
}

function counter(choices: Choices, scrapes: number): number[] {
  const rate = 1 + choices.fraction() * 40;
  let total = choices.chance(0.5) ? 0 : choices.integer(1, 100_000);
  return Array.from({ length: scrapes }, () => {
    total = choices.chance(0.01) ? 0 : total + Math.floor(rate * choices.fraction() * 15);
    return total;
  });
}

function gauge(choices: Choices, scrapes: number): number[] {
  let value = 1e6 * (1 + choices.fraction());
  return Array.from({ length: scrapes }, () => {
    value *= 0.95 + choices.fraction() * 0.1;
    return value;
  });
}

function smallInteger(choices: Choices, scrapes: number): number[] {
  return Array.from({ length: scrapes }, () => choices.integer(0, 9));
}

function temperature(choices: Choices, scrapes: number): number[] {
  return Array.from({ length: scrapes }, () => choices.fraction() * 60 - 20);
}

function constant(value: number): Shape {
  return (_, scrapes) => Array.from({ length: scrapes }, () => value);
}

/** Ends with a stale marker, stays away for a while, comes back; single scrapes fail in between. */
function flapping(choices: Choices, scrapes: number): (number | 'stale' | undefined)[] {
  let away = 0;
  return Array.from({ length: scrapes }, () => {
    if (away > 0) {
      away--;
      return undefined;
    }
    if (choices.chance(0.1)) return undefined;
    if (!choices.chance(0.02)) return choices.fraction() * 100;
    away = choices.integer(5, 60);
    return 'stale';
  });
}
