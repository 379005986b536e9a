import { isStaleNaN } from '../../model/stale-marker.ts';
import type { Falls, FloatColumn, WindowValue } from '../interface.ts';
import type { FloatAggregate, FloatWindows } from './downsample-floats.ts';

/** Floats made of windows, and what they stand for. */
export interface WindowFloats extends FloatColumn {
  readonly counts?: Float64Array;
  readonly falls?: Falls;
}

/** What has to be read for an answer: most questions need one column of eight. */
export const AGGREGATES_FOR: Readonly<Record<WindowValue, readonly FloatAggregate[]>> = {
  last: ['lasts'],
  min: ['mins'],
  max: ['maxs'],
  sum: ['sums'],
  count: ['counts'],
  average: ['sums', 'counts'],
  counter: ['counts', 'lasts', 'firsts', 'amounts', 'numbers'],
};

const NOTHING: FloatColumn = { timestamps: new Float64Array(0), values: new Float64Array(0) };

/** The floats of one series that answer for all of its windows in `windows`, which are whole. */
export function windowAnswer(value: WindowValue, windows: FloatWindows): WindowFloats {
  const of = (aggregate: FloatAggregate) => windows[aggregate] ?? NOTHING;
  switch (value) {
    case 'last':
      return of('lasts');
    case 'min':
      return of('mins');
    case 'max':
      return of('maxs');
    case 'sum':
      return of('sums');
    case 'count':
      return { ...of('counts'), counts: of('counts').values };
    case 'average':
      return { ...of('sums'), counts: of('counts').values };
    case 'counter':
      return counterAnswer(of);
  }
}

/**
 * The first and the last sample of each window, at their own times. What a counter gained between the two follows from the
 * falls; what it gained between two windows, from the samples themselves.
 */
function counterAnswer(of: (aggregate: FloatAggregate) => FloatColumn): WindowFloats {
  const [counts, lasts, firsts] = [of('counts'), of('lasts'), of('firsts')];
  const [amounts, numbers] = [of('amounts'), of('numbers')];
  const answer = new CounterColumns(counts.values.length + firsts.values.length);
  let [window, first, fall] = [0, 0, 0];
  for (let i = 0; i < lasts.values.length; i++) {
    const time = lasts.timestamps[i] as number;
    const value = lasts.values[i] as number;
    if (isStaleNaN(value)) continue;
    const count = counts.values[window] as number;
    const hasFallen = amounts.timestamps[fall] === counts.timestamps[window++];
    if (!(count > 1)) {
      answer.push(time, value, 1, Number.NaN, Number.NaN);
      continue;
    }
    answer.push(firsts.timestamps[first] as number, firsts.values[first] as number, 1, Number.NaN, Number.NaN);
    first++;
    answer.push(
      time,
      value,
      count - 1,
      hasFallen ? (numbers.values[fall] as number) : 0,
      hasFallen ? (amounts.values[fall] as number) : 0,
    );
    if (hasFallen) fall++;
  }
  return answer.columns();
}

class CounterColumns {
  readonly #timestamps: Float64Array;
  readonly #values: Float64Array;
  readonly #counts: Float64Array;
  readonly #numbers: Float64Array;
  readonly #amounts: Float64Array;
  #length = 0;

  constructor(length: number) {
    this.#timestamps = new Float64Array(length);
    this.#values = new Float64Array(length);
    this.#counts = new Float64Array(length);
    this.#numbers = new Float64Array(length);
    this.#amounts = new Float64Array(length);
  }

  push(time: number, value: number, count: number, falls: number, amount: number): void {
    const at = this.#length++;
    this.#timestamps[at] = time;
    this.#values[at] = value;
    this.#counts[at] = count;
    this.#numbers[at] = falls;
    this.#amounts[at] = amount;
  }

  columns(): WindowFloats {
    return {
      timestamps: this.#timestamps,
      values: this.#values,
      counts: this.#counts,
      falls: { numbers: this.#numbers, amounts: this.#amounts },
    };
  }
}
