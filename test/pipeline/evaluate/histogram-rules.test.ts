import { describe, expect, it } from 'vitest';
import type { Histogram } from '../../../lib/model/histogram.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { isStaleNaN } from '../../../lib/model/stale-marker.ts';
import { STALE_HISTOGRAM } from '../../model/arbitrary-histogram.ts';
import { planOfRules, RuleBench, TENANT } from './run-rules.ts';

const MINUTE = 60_000;
const ALL = { mint: 0, maxt: 100 * MINUTE };
const RULES = `groups:
  - name: latency
    rules:
      - {record: "job:latency:rate2m", expr: "sum by (job) (rate(latency[2m]))"}
      - {record: "job:latency:p50", expr: "histogram_quantile(0.5, job:latency:rate2m)"}
      - {alert: Slow, expr: "job:latency:rate2m"}
`;

describe('rules over native histograms', () => {
  it.each([
    ['minute by minute', Array.from({ length: 12 }, (_, i) => i * MINUTE)],
    ['all at once', [11 * MINUTE]],
  ])('store histograms, read what rules before gave, and end their series: %s', async (_, times) => {
    const bench = new RuleBench(planOfRules(RULES));
    const appender = bench.storage.appender(TENANT, 'normalised');
    for (const instance of ['1', '2']) {
      const labels = Labels.from({ __name__: 'latency', job: 'a', instance });
      for (let i = 0; i <= 5; i++) appender.appendHistogram(labels, latency(i * MINUTE, 12 * i));
    }
    await appender.commit();
    for (const time of times) await bench.evaluateTo(time);
    const found = await bench.storage.querier(TENANT).select(ALL);
    const of = (name: string) => found.find(({ labels }) => labels.metricName === name);
    const rate = of('job:latency:rate2m');
    // Both instances together: 24 a minute, in one bucket.
    expect(rate?.histograms?.histograms.map(({ timestamp, count }) => [timestamp / MINUTE, count])).toEqual(
      expect.arrayContaining([[5, expect.closeTo(0.4)]]),
    );
    expect(rate?.histograms?.histograms.every(({ isFloat }) => isFloat)).toBe(true);
    const ended = [...(rate?.floats.values ?? [])];
    expect(ended).toHaveLength(1);
    expect(rate?.floats.values.every(isStaleNaN)).toBe(true);
    expect(of('job:latency:p50')?.floats.values.some((value) => value > 0.5 && value < 1)).toBe(true);
    expect(of('ALERTS')?.labels.get('alertname')).toBe('Slow');
  });
});

function latency(timestamp: number, count: number): Histogram {
  return {
    ...STALE_HISTOGRAM,
    timestamp,
    count,
    sum: count * 0.7,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveDeltas: [count],
  };
}
