import type { Labels } from '../../model/labels.ts';
import { STALE_NAN } from '../../model/stale-marker.ts';
import { Cursor } from './cursor.ts';
import { parseDuration } from './durations.ts';
import { readHistogramLiteral } from './histogram-literal.ts';
import { readMetric } from './metric-literal.ts';
import { NUMBER, parseNumber } from './numbers.ts';
import type { SequenceValue } from './sequence-value.ts';
import { addSparse, fromSparse, toSparse } from './sparse-histogram.ts';

/** A metric with values, or (from `metric@st`) with start times relative to its samples, in ms. */
export type ParsedSeries =
  | { readonly kind: 'values'; readonly labels: Labels; readonly values: readonly SequenceValue[] }
  | { readonly kind: 'start times'; readonly labels: Labels; readonly offsets: readonly (number | undefined)[] };

const DURATION = /[+-]?(?:(?:\d+(?:ms|[ywdhms]))+|0)/;

/**
 * Parses a line such as `a{b="c"} 0+10x3 _ _x2 stale 1x2 {{sum:1 count:1}}`: `VxN` is V and N repetitions, `V+DxN` and
 * `V-DxN` N steps after V, `_xN` N gaps.
 */
export function parseSeriesLine(text: string): ParsedSeries {
  const cursor = new Cursor(text.trim());
  const labels = readMetric(cursor);
  const startTimes = cursor.take('@st');
  if (!cursor.atEnd && !/\s/.test(cursor.rest[0] as string)) throw cursor.error('expected a space before the values');
  if (startTimes) return { kind: 'start times', labels, offsets: readItems(cursor, readStartTimes) };
  return { kind: 'values', labels, values: readItems(cursor, readItem) };
}

function readItems<T>(cursor: Cursor, read: (cursor: Cursor) => readonly T[]): T[] {
  const items: T[] = [];
  for (cursor.skipSpace(); !cursor.atEnd; cursor.skipSpace()) {
    for (const item of read(cursor)) items.push(item);
    if (!cursor.atEnd && !/\s/.test(cursor.rest[0] as string)) throw cursor.error('expected a space between values');
  }
  return items;
}

function readItem(cursor: Cursor): readonly SequenceValue[] {
  const gaps = readGaps(cursor);
  if (gaps !== undefined) return Array.from({ length: gaps }, () => ({ kind: 'omitted' }));
  if (cursor.rest.startsWith('{{')) return readHistograms(cursor);
  if (cursor.take('stale')) {
    // One object each and no list of numbers between, where the bits of the marker would get lost.
    return Array.from({ length: readTimes(cursor) + 1 }, () => ({ kind: 'float', value: STALE_NAN }));
  }
  const base = readNumber(cursor);
  const change = /^[+-]/.test(cursor.rest) ? readNumber(cursor) : 0;
  const times = readTimes(cursor);
  // Repeated addition, not multiplication: the last digits are those of a counter that was really incremented.
  const values: number[] = [base];
  for (let i = 0, value = base; i < times; i++) {
    value = change === 0 ? value : value + change;
    values.push(value);
  }
  return values.map((value) => ({ kind: 'float', value }));
}

/** `_` is one gap, `_xN` N of them. */
function readGaps(cursor: Cursor): number | undefined {
  if (cursor.match(/_(?=\s|x|$)/) === undefined) return undefined;
  return cursor.rest.startsWith('x') ? readTimes(cursor) : 1;
}

function readHistograms(cursor: Cursor): readonly SequenceValue[] {
  const base = readHistogramLiteral(cursor);
  const sign = cursor.match(/[+-](?=\{\{)/);
  const change = sign === undefined ? undefined : readHistogramLiteral(cursor);
  const times = readTimes(cursor);
  const values: SequenceValue[] = [{ kind: 'histogram', ...base }];
  let current = toSparse(base.histogram);
  for (let i = 0; i < times; i++) {
    if (change !== undefined) current = addSparse(current, toSparse(change.histogram), sign === '-' ? -1 : 1);
    const histogram = change === undefined ? base.histogram : fromSparse(current);
    values.push({ kind: 'histogram', histogram, hintGiven: base.hintGiven });
  }
  return values;
}

function readStartTimes(cursor: Cursor): readonly (number | undefined)[] {
  const gaps = readGaps(cursor);
  if (gaps !== undefined) return Array.from({ length: gaps }, () => undefined);
  const base = readDuration(cursor);
  const change = /^[+-]/.test(cursor.rest) ? readDuration(cursor) : 0;
  const times = readTimes(cursor);
  return Array.from({ length: times + 1 }, (_, i) => base + i * change);
}

function readDuration(cursor: Cursor): number {
  const text = cursor.match(DURATION);
  if (text === undefined) throw cursor.error('expected a duration');
  return parseDuration(text);
}

function readNumber(cursor: Cursor): number {
  const text = cursor.match(NUMBER);
  if (text === undefined) throw cursor.error('expected a number, _, stale or a histogram');
  return parseNumber(text);
}

/** `xN`, or 0 where it is left out. */
function readTimes(cursor: Cursor): number {
  if (!cursor.take('x')) return 0;
  const digits = cursor.match(/\d+/);
  if (digits === undefined) throw cursor.error('expected a number of repetitions after x');
  return Number(digits);
}
