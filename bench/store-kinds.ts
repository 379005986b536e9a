import { dayOfSamples } from './day-of-samples.ts';
import { type DerivedSeries, derivedColumns } from './derived-columns.ts';
import { scrapeTraffic, type TrafficSeries } from './scrape-traffic.ts';
import { perSample, storedBytes } from './store-compaction.ts';

const HOURS = 24;
const WINDOW_MS = 30 * 60_000;
const MINUTE_MS = 60_000;
/** The demo shop: ten pods of 36 series. */
const DEMO = { services: 5, podsPerService: 2, routes: 1 };
const COUNTER = /_total$|_bucket$|_count$|_sum$/;

/**
 * A day of the demo shop in the store, kind by kind: every byte that is left after compaction, labels and whatever finds the
 * samples included, by stored sample; and averages. The kinds do not share chunks and manifests here, as
 * they would in one table, which makes them look dearer than they are.
 */
export async function measureKinds() {
  const shop = () => scrapeTraffic({ ...DEMO, seed: 1 });
  const counters = shop().filter(({ labels }) => COUNTER.test(labels.metricName));
  const gauges = shop().filter(({ labels }) => !COUNTER.test(labels.metricName));
  const derived = await derivedColumns(shop(), HOURS);
  const rows = [
    await measureKind('normalised counters', counters, 'normalised'),
    await measureKind('normalised gauges', gauges, 'normalised'),
  ];
  for (const [kind, series] of derived) rows.push(await measureKind(kind, toTraffic(kind, series), 'derived'));
  const bytes = rows.reduce((sum, { bytesPerSample, samples }) => sum + bytesPerSample * samples, 0);
  const samples = rows.reduce((sum, row) => sum + row.samples, 0);
  return { rows, averageOfKinds: average(rows), averageOfSamples: round(bytes / samples) };
}

function average(rows: readonly { readonly bytesPerSample: number }[]): number {
  return round(rows.reduce((sum, { bytesPerSample }) => sum + bytesPerSample, 0) / rows.length);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

async function measureKind(kind: string, traffic: readonly TrafficSeries[], retentionClass: 'normalised' | 'derived') {
  const step = retentionClass === 'derived' ? { stepMs: MINUTE_MS } : {};
  const day = await dayOfSamples({ traffic, hours: HOURS, windowMs: WINDOW_MS, retentionClass, ...step });
  return { kind, series: traffic.length, samples: day.samples, ...perSample(storedBytes(day.table), day.samples) };
}

/** Under the name that a rule would record. */
function toTraffic(kind: string, series: readonly DerivedSeries[]): TrafficSeries[] {
  return series.map(({ labels, values }) => {
    let next = 0;
    return {
      labels: labels.with({ __name__: `asserts:${kind.replaceAll(' ', '_')}` }),
      target: 0,
      next: () => values[next++ % values.length] as number,
    };
  });
}
