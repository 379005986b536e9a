import { type Histogram, RESET_HINTS, type ResetHint } from '../model/histogram.ts';
import { isStaleNaN, STALE_NAN } from '../model/stale-marker.ts';
import { unshuffle } from './byte-planes.ts';
import { ByteReader } from './byte-reader.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { isScale } from './decimal-scale.ts';
import { decodeSampleColumns } from './decode-sample-columns.ts';
import { type DecodedHistograms, RAW_NUMBERS } from './histogram-block.ts';
import { decodeLayout, type HistogramLayout, widthOf } from './histogram-layout.ts';
import { histogramsFrom, type RunNumbers } from './histogram-numbers.ts';
import type { SampleColumns } from './sample-block.ts';

/** A run of histograms with one layout, its first histogram at `begin` of all. */
interface Run extends RunNumbers {
  readonly begin: number;
  readonly length: number;
  readonly layout: HistogramLayout;
}

/**
 * The histograms of `series` series, as `encodeHistogramColumns` packed them.
 *
 * @throws CorruptBlockError
 */
export function decodeHistogramColumns(body: Uint8Array, series: number): DecodedHistograms {
  const reader = new ByteReader(body);
  const samples = decodeSampleColumns(reader.section(), series);
  const hints = decodeHints(reader.section(), samples.timestamps.length);
  const runs = decodeRuns(reader, samples.offsets);
  reader.end();
  return { offsets: samples.offsets, of: (one) => (runs[one] ?? []).flatMap((run) => objects(run, samples, hints)) };
}

function objects(run: Run, { timestamps, values, startTimestamps }: SampleColumns, hints: Uint8Array): Histogram[] {
  return histogramsFrom(run.layout, run, (i) => {
    const place = run.begin + i;
    const value = values[place] as number;
    const startTimestamp = startTimestamps?.[place] ?? 0;
    const beside = {
      timestamp: timestamps[place] as number,
      sum: isStaleNaN(value) ? STALE_NAN : value,
      resetHint: RESET_HINTS[hints[place] as number] as ResetHint,
    };
    return startTimestamp === 0 ? beside : { ...beside, startTimestamp };
  });
}

function decodeHints(bytes: Uint8Array, count: number): Uint8Array {
  const reader = new ByteReader(bytes);
  const hints = new Uint8Array(count);
  for (let begin = 0; begin < count; ) {
    const run = reader.varint();
    const length = Math.floor(run / RESET_HINTS.length);
    if (length === 0 || length > count - begin) throw new CorruptBlockError('cannot read histogram block: bad hints');
    hints.fill(run % RESET_HINTS.length, begin, begin + length);
    begin += length;
  }
  reader.end();
  return hints;
}

/** The runs of each series. */
function decodeRuns(reader: ByteReader, offsets: Uint32Array): Run[][] {
  const count = reader.varint();
  const layoutReader = new ByteReader(reader.section());
  const layouts: HistogramLayout[] = [];
  while (layouts.length < count) layouts.push(decodeLayout(layoutReader));
  layoutReader.end();
  const numbers = new NumberReader(reader.section(), reader.section(), reader.section(), reader.section());
  const runs: Run[][] = [];
  for (let series = 0; series + 1 < offsets.length; series++) {
    const ofSeries: Run[] = [];
    const end = offsets[series + 1] as number;
    for (let begin = offsets[series] as number; begin < end; ) {
      const run = numbers.run(begin, end, layouts);
      ofSeries.push(run);
      begin += run.length;
    }
    runs.push(ofSeries);
  }
  numbers.end(reader.section());
  return runs;
}

/** Reads runs from the four sections that hold them; raw numbers are filled in at the end. */
class NumberReader {
  readonly #runs: ByteReader;
  readonly #modes: ByteReader;
  readonly #firsts: ByteReader;
  readonly #differences: ByteReader;
  readonly #raw: Float64Array[] = [];

  constructor(runs: Uint8Array, modes: Uint8Array, firsts: Uint8Array, differences: Uint8Array) {
    this.#runs = new ByteReader(runs);
    this.#modes = new ByteReader(modes);
    this.#firsts = new ByteReader(firsts);
    this.#differences = new ByteReader(differences);
  }

  run(begin: number, end: number, layouts: readonly HistogramLayout[]): Run {
    const [length, place] = [this.#runs.varint(), this.#runs.varint()];
    const layout = layouts[place];
    if (layout === undefined || length === 0 || length > end - begin) {
      throw new CorruptBlockError(`cannot read histogram block: a run of ${length} histograms of layout ${place}`);
    }
    const mode = this.#modes.byte();
    const width = widthOf(layout);
    if (mode !== RAW_NUMBERS) return { begin, length, layout, ...this.#scaled(mode - 1, length, width) };
    const numbers = new Float64Array(width * length);
    this.#raw.push(numbers);
    return { begin, length, layout, scale: -1, numbers };
  }

  /** @throws CorruptBlockError when anything is left, or raw numbers are not as many as the runs need. */
  end(planes: Uint8Array): void {
    for (const part of [this.#runs, this.#modes, this.#firsts, this.#differences]) part.end();
    const all = new Float64Array(this.#raw.reduce((sum, { length }) => sum + length, 0));
    unshuffle(planes, all, [[0, all.length]]);
    let place = 0;
    for (const numbers of this.#raw) {
      numbers.set(all.subarray(place, place + numbers.length));
      place += numbers.length;
    }
  }

  #scaled(scale: number, length: number, width: number): RunNumbers {
    if (!isScale(scale)) throw new CorruptBlockError(`cannot read histogram block: unknown mode ${scale + 1}`);
    if (width > this.#firsts.remaining || width * (length - 1) > this.#differences.remaining) {
      throw new CorruptBlockError(`cannot read histogram block: ${length} histograms of ${width} numbers do not fit`);
    }
    const numbers = new Float64Array(width * length);
    for (let place = 0; place < width; place++) {
      let number = this.#firsts.zigzag() + (place < 3 ? 0 : (numbers[(place - 1) * length] as number));
      numbers[place * length] = number;
      for (let i = place * length + 1; i < (place + 1) * length; i++) {
        number += this.#differences.zigzag();
        numbers[i] = number;
      }
    }
    return { scale, numbers };
  }
}
