import type { Histogram, Span } from '../model/histogram.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';

/** What histograms of one series share as long as no bucket appears or goes. */
export type HistogramLayout = Pick<
  Histogram,
  'isFloat' | 'schema' | 'zeroThreshold' | 'positiveSpans' | 'negativeSpans' | 'customValues'
>;

/** A histogram's count and the count of its zero bucket stand before its buckets. */
export const COUNTS_BEFORE_BUCKETS = 2;

const MAX_BUCKETS = 1_000_000;

/** How many buckets spans hold. */
export function bucketsOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}

/** How many numbers a histogram of this layout has, its sum aside. */
export function widthOf({ positiveSpans, negativeSpans }: HistogramLayout): number {
  return COUNTS_BEFORE_BUCKETS + bucketsOf(positiveSpans) + bucketsOf(negativeSpans);
}

export function isSameLayout(a: HistogramLayout, b: HistogramLayout): boolean {
  return (
    a.isFloat === b.isFloat &&
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    areSameSpans(a.positiveSpans, b.positiveSpans) &&
    areSameSpans(a.negativeSpans, b.negativeSpans) &&
    areSameBounds(a.customValues, b.customValues)
  );
}

/** Text that two layouts have in common only if they are the same. */
export function layoutKey({ isFloat, schema, zeroThreshold, ...lists }: HistogramLayout): string {
  const { positiveSpans, negativeSpans, customValues } = lists;
  const spans = [positiveSpans, negativeSpans].map((side) =>
    side.map(({ offset, length }) => `${offset}+${length}`).join(),
  );
  return [isFloat, schema, spell(zeroThreshold), ...spans, customValues.map(spell).join()].join('|');
}

export function encodeLayout(writer: ByteWriter, layout: HistogramLayout): void {
  writer.byte(layout.isFloat ? 1 : 0);
  writer.zigzag(layout.schema);
  writer.float64(layout.zeroThreshold);
  for (const spans of [layout.positiveSpans, layout.negativeSpans]) {
    writer.varint(spans.length);
    for (const { offset, length } of spans) {
      writer.zigzag(offset);
      writer.varint(length);
    }
  }
  writer.varint(layout.customValues.length);
  for (const bound of layout.customValues) writer.float64(bound);
}

/** @throws CorruptBlockError */
export function decodeLayout(reader: ByteReader): HistogramLayout {
  const kind = reader.byte();
  if (kind > 1) throw new CorruptBlockError(`cannot read histogram block: unknown kind ${kind} of histogram`);
  const schema = reader.zigzag();
  const zeroThreshold = reader.float64();
  const [positiveSpans, negativeSpans] = [decodeSpans(reader), decodeSpans(reader)];
  const customValues = Array.from({ length: reader.count(8) }, () => reader.float64());
  const layout = { isFloat: kind === 1, schema, zeroThreshold, positiveSpans, negativeSpans, customValues };
  const width = widthOf(layout);
  if (width > MAX_BUCKETS) throw new CorruptBlockError(`cannot read histogram block: a histogram of ${width} buckets`);
  return layout;
}

function decodeSpans(reader: ByteReader): Span[] {
  return Array.from({ length: reader.count(2) }, () => ({ offset: reader.zigzag(), length: reader.varint() }));
}

function areSameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]?.offset !== b[i]?.offset || a[i]?.length !== b[i]?.length) return false;
  }
  return true;
}

function areSameBounds(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function spell(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
