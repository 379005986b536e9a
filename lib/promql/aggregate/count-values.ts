import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { formatDecimal } from '../format-number.ts';
import { histogramToString } from '../histogram/format.ts';
import { ABSENT, FLOAT, type Grid, type VectorSeries } from '../value.ts';
import type { SeriesGroup } from './group-series.ts';

/** `count_values`: for each value found, how many series of the group have it; the value stands in `label`. */
export function countValues({ labels, members }: SeriesGroup, label: string, grid: Grid): VectorSeries[] {
  const counts = new Map<string, CountedValue>();
  for (const series of members) {
    for (let step = 0; step < grid.length; step++) {
      if (series.kinds[step] === ABSENT) continue;
      const text = valueText(series, step);
      let counted = counts.get(text);
      if (counted === undefined) {
        counted = newCount(labels.with({ [label]: text }), grid.length);
        counts.set(text, counted);
      }
      counted.kinds[step] = FLOAT;
      counted.floats[step] = (counted.floats[step] as number) + 1;
    }
  }
  return [...counts.values()];
}

interface CountedValue extends VectorSeries {
  readonly kinds: Uint8Array;
  readonly floats: Float64Array;
}

function newCount(labels: Labels, length: number): CountedValue {
  return { labels, dropName: false, kinds: new Uint8Array(length), floats: new Float64Array(length) };
}

function valueText({ kinds, floats, histograms }: VectorSeries, step: number): string {
  if (kinds[step] === FLOAT) return formatDecimal(floats[step] as number);
  return histogramToString(histograms?.[step] as FloatHistogram);
}
