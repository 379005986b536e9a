import { compareStrings } from '../../model/compare-strings.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import { toFloatHistogram } from '../../promql/histogram/convert.ts';
import type { Series } from '../../storage/interface.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { Call } from '../endpoint.ts';
import { parseSelector, selectorTexts } from '../params/selectors.ts';
import { unionBy } from '../union-of.ts';
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
  const selectors = selectorTexts(params).map(parseSelector);
  const maxt = now();
  const hints = { mint: maxt - lookbackDelta, maxt, signal };
  const samples = await unionBy(
    selectors,
    async (matchers) => (await querier.select(hints, ...matchers)).flatMap(lastSample),
    ({ labels }) => labels.key,
  );
  return samples.sort((a, b) => compareStrings(a.labels.metricName, b.labels.metricName));
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
