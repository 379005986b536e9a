import type { Plan } from '../../lib/plan/plan.ts';

/** Values as the API writes them, which tell every bit of a float but the payload of NaN, by time in ms. */
export type Samples = ReadonlyMap<number, string>;

/** What a tenant has, by series. */
export interface StoredSeries {
  /** Of single raw series: records of mapping rules, and raw series that are kept. */
  readonly normalised: ReadonlyMap<string, Samples>;
  readonly derived: ReadonlyMap<string, Samples>;
}

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** What Prometheus adds to samples that it sends, and not to its answers. */
export const EXTERNAL_LABELS: Readonly<Record<string, string>> = { env: 'e2e', region: 'lab' };

/** Asks an instant query, as a tenant. */
export type Ask = (query: string, time: number) => Promise<readonly Vector[]>;

/** All samples in (end - window, end], ms. */
export async function storedSeries(
  ask: Ask,
  names: readonly string[],
  plan: Plan,
  window: { readonly end: number; readonly length: number },
): Promise<StoredSeries> {
  const rules = plan.derived.flatMap((group) => group.rules);
  const records = new Set(rules.flatMap((rule) => (rule.kind === 'recording' ? [rule.record] : [])));
  const [normalised, derived] = [new Map<string, Samples>(), new Map<string, Samples>()];
  for (const name of names) {
    const selector = `{__name__=${JSON.stringify(name)}}[${window.length}ms]`;
    for (const { metric, values } of await ask(selector, window.end / 1000)) {
      const samples = new Map(values.map(([time, value]) => [Math.round(time * 1000), value]));
      const isDerived = /^ALERTS/.test(name) || (records.has(name) && metric['asserts_name'] === undefined);
      (isDerived ? derived : normalised).set(keyOf(metric), samples);
    }
  }
  return { normalised, derived };
}

/** `name{label="value",…}` in the order of labels. Alerts have all labels of what they are about, but for external ones. */
function keyOf({ __name__ = '', ...labels }: Vector['metric']): string {
  const entries = Object.entries(labels);
  const own = __name__.startsWith('ALERTS')
    ? entries.filter(([name, value]) => EXTERNAL_LABELS[name] !== value)
    : entries;
  const texts = own.map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${__name__}{${texts.sort().join(',')}}`;
}

/** What one metric's series differ by between two tenants. */
export interface Comparison {
  readonly metric: string;
  series: number;
  /** Samples with equal timestamps. */
  compared: number;
  /** Timestamps that one of the two has alone, within the time that both have been looked at. */
  alone: number;
  /** Of values with equal timestamps, relative to the larger. */
  maxDifference: number;
  /** Series and time of that difference. */
  worst: string;
}

/** By metric, over the series that both have; times outside of [from, to] (ms) are left out. */
export function compare(
  a: ReadonlyMap<string, Samples>,
  b: ReadonlyMap<string, Samples>,
  { from, to }: { readonly from: number; readonly to: number },
): Comparison[] {
  const byMetric = new Map<string, Comparison>();
  for (const [key, left] of a) {
    const right = b.get(key);
    if (right === undefined) continue;
    const metric = key.slice(0, key.indexOf('{'));
    const found = byMetric.get(metric) ?? { metric, series: 0, compared: 0, alone: 0, maxDifference: 0, worst: '' };
    byMetric.set(metric, found);
    found.series++;
    for (const time of new Set([...left.keys(), ...right.keys()])) {
      if (time < from || time > to) continue;
      const [one, other] = [left.get(time), right.get(time)];
      if (one === undefined || other === undefined) {
        found.alone++;
        continue;
      }
      found.compared++;
      const difference = relativeDifference(Number(one), Number(other));
      if (!(difference <= found.maxDifference)) {
        Object.assign(found, { maxDifference: difference, worst: `${key} @ ${time}: ${one} and ${other}` });
      }
    }
  }
  return [...byMetric.values()].sort((x, y) => (x.metric < y.metric ? -1 : 1));
}

function relativeDifference(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}
