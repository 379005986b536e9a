import { compareStrings } from '../../model/compare-strings.ts';
import type { Matcher } from '../../model/matcher.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import type { Series } from '../../storage/interface.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { Call } from '../endpoint.ts';
import type { JsonWriter } from '../json/json-writer.ts';
import { parseSelector } from '../params/selectors.ts';
import type { Escaping } from './escape-name.ts';
import { type FederatedSample, writeExposition } from './write-exposition.ts';

const DEFAULT_LOOKBACK_MS = 5 * 60_000;

/**
 * `GET /federate`: the last sample, within the lookback, of every series that any `match[]` selects. Series that ended
 * with a stale marker, series without a name, and native histograms (the text format has no form for them) are left
 * out; without `match[]` the page is empty.
 * @returns what writes the page
 */
export async function federate(
  { params, querier, signal }: Call,
  { now, lookbackDelta = DEFAULT_LOOKBACK_MS }: ApiDependencies,
  escaping: Escaping,
): Promise<(out: JsonWriter) => void> {
  const selectors: (readonly Matcher[])[] = params.all('match[]').map(parseSelector);
  const maxt = now();
  const hints = { mint: maxt - lookbackDelta, maxt, signal };
  const found = await Promise.all(selectors.map((matchers) => querier.select(hints, ...matchers)));
  const samples = unique(found.flat()).flatMap(lastSample);
  samples.sort((a, b) => compareStrings(a.labels.metricName, b.labels.metricName));
  return (out) => writeExposition(out, samples, escaping);
}

/** A series that several selectors found stands once. */
function unique(series: readonly Series[]): Series[] {
  return [...new Map(series.map((one) => [one.labels.key, one])).values()];
}

function lastSample({ labels, floats, histograms }: Series): FederatedSample[] {
  const timestamp = floats.timestamps.at(-1);
  const value = floats.values.at(-1);
  const lastHistogram = histograms?.timestamps.at(-1) ?? Number.NEGATIVE_INFINITY;
  if (timestamp === undefined || value === undefined || lastHistogram > timestamp) return [];
  return labels.metricName === '' || isStaleNaN(value) ? [] : [{ labels, timestamp, value }];
}
