import { compareStrings } from '../../model/compare-strings.ts';
import type { Matcher } from '../../model/matcher.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import { toFloatHistogram } from '../../promql/histogram/convert.ts';
import type { Series } from '../../storage/interface.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { Call } from '../endpoint.ts';
import { parseSelector } from '../params/selectors.ts';
import type { FederatedSample } from './federated-sample.ts';

const DEFAULT_LOOKBACK_MS = 5 * 60_000;

/**
 * `GET /federate`: the last sample, within the lookback, of every series that any `match[]` selects. Series that ended
 * with a stale marker, and series without a name, are left out; without `match[]` there is nothing.
 * @returns samples sorted by metric name
 */
export async function federate(
  { params, querier, signal }: Call,
  { now, lookbackDelta = DEFAULT_LOOKBACK_MS }: ApiDependencies,
): Promise<readonly FederatedSample[]> {
  const selectors: (readonly Matcher[])[] = params.all('match[]').map(parseSelector);
  const maxt = now();
  const hints = { mint: maxt - lookbackDelta, maxt, signal };
  const found = await Promise.all(selectors.map((matchers) => querier.select(hints, ...matchers)));
  const samples = unique(found.flat()).flatMap(lastSample);
  return samples.sort((a, b) => compareStrings(a.labels.metricName, b.labels.metricName));
}

/** A series that several selectors found stands once. */
function unique(series: readonly Series[]): Series[] {
  return [...new Map(series.map((one) => [one.labels.key, one])).values()];
}

function lastSample(series: Series): FederatedSample[] {
  if (series.labels.metricName === '') return [];
  return lastHistogram(series) ?? lastFloat(series);
}

/** Where the last sample is a histogram: that, or nothing if it is a stale marker. */
function lastHistogram({ labels, floats, histograms }: Series): FederatedSample[] | undefined {
  const last = histograms?.histograms.at(-1);
  if (last === undefined || last.timestamp < (floats.timestamps.at(-1) ?? 0)) return undefined;
  return isStaleNaN(last.sum) ? [] : [{ labels, timestamp: last.timestamp, value: toFloatHistogram(last) }];
}

function lastFloat({ labels, floats }: Series): FederatedSample[] {
  const timestamp = floats.timestamps.at(-1);
  const value = floats.values.at(-1);
  return timestamp === undefined || value === undefined || isStaleNaN(value) ? [] : [{ labels, timestamp, value }];
}
