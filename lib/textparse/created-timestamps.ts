import { BRACE_OPEN, NEWLINE } from './ascii.ts';
import { ExpositionError } from './errors.ts';
import type { BoundLabel } from './family-types.ts';
import type { KnownSeries } from './known-series.ts';

const SUFFIX = Buffer.from('_created');

/** What the series of counters, histograms and summaries add to the family's name. */
const MEMBER_SUFFIXES = ['', '_total', '_bucket', '_count', '_sum'];

/** What a `_created` line says. */
export interface CreatedLine {
  readonly series: KnownSeries;
  readonly milliseconds: number;
}

/**
 * The `_created` lines of one family. They may stand before or after the samples they speak of, so they are collected
 * when the family begins; most lines of a page are told from them by their first bytes.
 */
export class CreatedTimestamps {
  readonly #metricName: string;
  readonly #prefix: Uint8Array;
  readonly #members: ReadonlySet<string>;
  readonly #boundLabel: BoundLabel;
  readonly #byMember = new Map<string, number>();

  /** @param name the family's name as the page spells it. */
  constructor(family: string, name: Uint8Array, boundLabel: BoundLabel) {
    this.#metricName = `${family}_created`;
    this.#members = new Set(MEMBER_SUFFIXES.map((suffix) => family + suffix));
    this.#prefix = Buffer.concat([name, SUFFIX]);
    this.#boundLabel = boundLabel;
  }

  /**
   * Reads the family's `_created` lines ahead, until the next `# TYPE`.
   * @param read reads one of them. Lines that it cannot read are left for the parser to complain about, in their turn.
   */
  collect(bytes: Uint8Array, from: number, type: Uint8Array, read: (lineStart: number) => CreatedLine): void {
    for (let at = from; at < bytes.length && !startsWith(bytes, at, type); at = bytes.indexOf(NEWLINE, at) + 1) {
      // A name in quotes need not come first inside its braces: such lines are all read.
      if (bytes[at] !== BRACE_OPEN && !startsWith(bytes, at, this.#prefix)) continue;
      const line = attempt(() => read(at));
      if (line?.series.metricName !== this.#metricName) continue;
      const key = line.series.memberKey(this.#boundLabel);
      if (!this.#byMember.has(key)) this.#byMember.set(key, line.milliseconds);
    }
  }

  /** Whether a series is one of the `_created` lines themselves. */
  isCreatedLine(series: KnownSeries): boolean {
    return series.metricName === this.#metricName;
  }

  /** Since when a series counts, ms; NaN where nothing is said. */
  of(series: KnownSeries): number {
    if (this.#byMember.size === 0 || !this.#members.has(series.metricName)) return Number.NaN;
    return this.#byMember.get(series.memberKey(this.#boundLabel)) ?? Number.NaN;
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ExpositionError) return undefined;
    throw error;
  }
}

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}
