import { type Histogram, RESET_HINTS } from '../model/histogram.ts';
import { isStaleNaN, STALE_NAN } from '../model/stale-marker.ts';
import { shuffle } from './byte-planes.ts';
import { ByteWriter } from './byte-writer.ts';
import { encodeSampleColumns } from './encode-sample-columns.ts';
import { type HistogramColumns, RAW_NUMBERS } from './histogram-block.ts';
import { bucketsOf, encodeLayout, type HistogramLayout, isSameLayout, layoutKey, widthOf } from './histogram-layout.ts';
import { numbersOf } from './histogram-numbers.ts';

/**
 * Packs histograms of many series: times and sums as those of float samples; the layouts once each; and the numbers of
 * each run of histograms with one layout as differences in time.
 */
export function encodeHistogramColumns(
  { offsets, histograms }: HistogramColumns,
  encodeTimestamps: (timestamps: Float64Array, offsets: Uint32Array) => Uint8Array,
): Uint8Array {
  histograms.forEach(checkShape);
  const body = new ByteWriter();
  body.section(encodeSampleColumns({ offsets, ...timesAndSums(histograms) }, encodeTimestamps));
  body.section(encodeHints(histograms));
  const sections = new Sections();
  for (let series = 0; series + 1 < offsets.length; series++) {
    const [begin, end] = [offsets[series] as number, offsets[series + 1] as number];
    for (const run of runsOf(histograms, begin, end)) sections.add(run);
  }
  sections.appendTo(body);
  return body.bytes;
}

function timesAndSums(histograms: readonly Histogram[]) {
  const [timestamps, values] = [new Float64Array(histograms.length), new Float64Array(histograms.length)];
  const startTimestamps = new Float64Array(histograms.length);
  for (const [i, { timestamp, startTimestamp, sum }] of histograms.entries()) {
    timestamps[i] = timestamp;
    // The marker's bits are restored here: a NaN that passed through registers may have become quiet.
    values[i] = isStaleNaN(sum) ? STALE_NAN : sum;
    startTimestamps[i] = startTimestamp ?? 0;
  }
  const hasStarts = startTimestamps.some((start) => start !== 0);
  return { timestamps, values, ...(hasStarts && { startTimestamps }) };
}

/** Runs of equal hints over all series: four times their length, plus the hint's number. */
function encodeHints(histograms: readonly Histogram[]): Uint8Array {
  const writer = new ByteWriter();
  for (let begin = 0, end = 0; begin < histograms.length; begin = end) {
    const hint = histograms[begin]?.resetHint ?? 'unknown';
    while (histograms[end]?.resetHint === hint) end++;
    writer.varint((end - begin) * RESET_HINTS.length + RESET_HINTS.indexOf(hint));
  }
  return writer.bytes;
}

function* runsOf(histograms: readonly Histogram[], begin: number, end: number): Generator<readonly Histogram[]> {
  for (let first = begin, next = begin; first < end; first = next) {
    const layout = histograms[first] as Histogram;
    while (next < end && isSameLayout(layout, histograms[next] as Histogram)) next++;
    yield histograms.slice(first, next);
  }
}

/** What is written of runs, each kind of number in a section of its own, so that deflate finds its patterns. */
class Sections {
  readonly #layouts = new ByteWriter();
  readonly #places = new Map<string, number>();
  readonly #runs = new ByteWriter();
  readonly #modes = new ByteWriter();
  readonly #firsts = new ByteWriter();
  readonly #differences = new ByteWriter();
  readonly #raw: Float64Array[] = [];

  add(run: readonly Histogram[]): void {
    const layout = run[0] as HistogramLayout;
    this.#runs.varint(run.length);
    this.#runs.varint(this.#placeOf(layout));
    const { scale, numbers } = numbersOf(layout, run);
    this.#modes.byte(scale < 0 ? RAW_NUMBERS : scale + 1);
    if (scale < 0) this.#raw.push(numbers);
    else this.#addDifferences(numbers, run.length, widthOf(layout));
  }

  appendTo(body: ByteWriter): void {
    body.varint(this.#places.size);
    for (const part of [this.#layouts, this.#runs, this.#modes, this.#firsts, this.#differences]) {
      body.section(part.bytes);
    }
    const raw = new Float64Array(this.#raw.reduce((sum, { length }) => sum + length, 0));
    let place = 0;
    for (const numbers of this.#raw) {
      raw.set(numbers, place);
      place += numbers.length;
    }
    body.section(shuffle(raw, [[0, raw.length]]));
  }

  #placeOf(layout: HistogramLayout): number {
    const key = layoutKey(layout);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(key, place);
    encodeLayout(this.#layouts, layout);
    return place;
  }

  /** The first histogram as differences between neighbouring buckets, the others as differences in time. */
  #addDifferences(mantissas: Float64Array, run: number, width: number): void {
    for (let place = 0; place < width; place++) {
      const first = mantissas[place * run] as number;
      this.#firsts.zigzag(place < 3 ? first : first - (mantissas[(place - 1) * run] as number));
      for (let i = place * run + 1; i < (place + 1) * run; i++) {
        this.#differences.zigzag((mantissas[i] as number) - (mantissas[i - 1] as number));
      }
    }
  }
}

function checkShape(histogram: Histogram): void {
  const { isFloat, positiveSpans, negativeSpans } = histogram;
  const [positive, negative] = isFloat
    ? [histogram.positiveCounts, histogram.negativeCounts]
    : [histogram.positiveDeltas, histogram.negativeDeltas];
  if (bucketsOf(positiveSpans) !== positive.length || bucketsOf(negativeSpans) !== negative.length) {
    throw new RangeError('BUG: spans of a histogram differ from its buckets');
  }
}
