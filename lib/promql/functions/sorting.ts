import { compareLabels } from '../../model/labels.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { ABSENT, FLOAT, type VectorSeries, type VectorValue } from '../value.ts';
import { stringArgument, vectorArgument } from './arguments.ts';
import { compareNaturally } from './compare-naturally.ts';

type SeriesOrder = (a: VectorSeries, b: VectorSeries) => number;

/** Orders of instant queries; a range query is ordered by labels whatever it says, so there they only warn. */
export const SORT_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['sort', (call) => sorted(call, floatsOnly(vectorArgument(call, 0)), byValue(1))],
  ['sort_by_label', (call) => sorted(call, vectorArgument(call, 0).series, byLabels(call, 1))],
  ['sort_by_label_desc', (call) => sorted(call, vectorArgument(call, 0).series, byLabels(call, -1))],
  ['sort_desc', (call) => sorted(call, floatsOnly(vectorArgument(call, 0)), byValue(-1))],
]);

function sorted(call: FunctionCall, series: readonly VectorSeries[], order: SeriesOrder): VectorValue {
  if (call.grid.start === call.grid.end) return { kind: 'vector', series: [...series].sort(order), ordered: true };
  call.annotations.warn(
    'PromQL warning: sort is ineffective for range queries since results are always ordered by labels',
    call.position,
  );
  return { kind: 'vector', series };
}

/** NaN comes last in either direction. */
function byValue(direction: 1 | -1): SeriesOrder {
  return (a, b) => {
    const x = a.floats[0] as number;
    const y = b.floats[0] as number;
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x < y ? -direction : x > y ? direction : 0;
  };
}

/** By the labels named in natural order, then by all labels. */
function byLabels(call: FunctionCall, direction: 1 | -1): SeriesOrder {
  const names = call.args.slice(1).map((_, i) => stringArgument(call, i + 1));
  return (a, b) => {
    for (const name of names) {
      const order = compareNaturally(a.labels.get(name), b.labels.get(name));
      if (order !== 0) return direction * order;
    }
    return direction * compareLabels(a.labels, b.labels);
  };
}

/** Histograms have no place in an order of values. */
function floatsOnly(vector: VectorValue): VectorSeries[] {
  return vector.series.flatMap((series) => {
    if (series.histograms === undefined) return [series];
    const kinds = series.kinds.map((kind) => (kind === FLOAT ? FLOAT : ABSENT));
    const { labels, dropName, floats } = series;
    return kinds.includes(FLOAT) ? [{ labels, dropName, floats, kinds }] : [];
  });
}
