import { type Labels, METRIC_NAME } from '../model/labels.ts';
import { mergeSeries } from './functions/merge-series.ts';
import type { QueryFeature } from './query-options.ts';
import type { VectorSeries, VectorValue } from './value.ts';

const NAME_ONLY: ReadonlySet<string> = new Set([METRIC_NAME]);
const NAME_TYPE_UNIT: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

/** The labels that say what a metric is; they go when a computation makes something else of it. */
export function schemaLabels(features: ReadonlySet<QueryFeature>): ReadonlySet<string> {
  return features.has('type-and-unit-labels') ? NAME_TYPE_UNIT : NAME_ONLY;
}

/** Labels without metric name (and type and unit, where these are labels). */
export function withoutName(labels: Labels, features: ReadonlySet<QueryFeature>): Labels {
  const dropped = schemaLabels(features);
  return dropped === NAME_ONLY ? labels.withoutMetricName() : labels.filter((name) => !dropped.has(name));
}

/**
 * Removes the names that are marked for it and joins series that thereby become one.
 *
 * @throws ExecutionError where two of them have a value at the same step.
 */
export function dropNames(value: VectorValue, features: ReadonlySet<QueryFeature>): VectorValue {
  if (!value.series.some(({ dropName }) => dropName)) return value;
  const series = value.series.map((one) => (one.dropName ? nameless(one, features) : one));
  return { ...value, series: staysUnique(value, features) ? series : mergeSeries(series) };
}

/** Label sets that differ still differ when all of them lose the same name: thousands need not be compared. */
function staysUnique({ series }: VectorValue, features: ReadonlySet<QueryFeature>): boolean {
  const dropped = [...schemaLabels(features)];
  const [first] = series;
  const firstValues = dropped.map((name) => first?.labels.get(name));
  return series.every(
    ({ labels, dropName }) => dropName && dropped.every((name, i) => labels.get(name) === firstValues[i]),
  );
}

function nameless(series: VectorSeries, features: ReadonlySet<QueryFeature>): VectorSeries {
  return { ...series, labels: withoutName(series.labels, features), dropName: false };
}
