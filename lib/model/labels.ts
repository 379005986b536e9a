import { compareStrings } from './compare-strings.ts';

/** The label that holds a series' metric name. */
export const METRIC_NAME = '__name__';

/** A label as it stands in a message: not yet sorted, not yet checked. */
export interface Label {
  readonly name: string;
  readonly value: string;
}

/**
 * A label set: names unique and sorted by UTF-8 bytes, values never empty (Prometheus treats an empty value as an
 * absent label). Immutable; `key` identifies the set and is computed once.
 */
export class Labels {
  static readonly empty = new Labels([]);

  /** name0, value0, name1, value1 … sorted by name. */
  readonly #pairs: readonly string[];
  #key: string | undefined;
  #nameless: Labels | undefined;

  private constructor(pairs: readonly string[]) {
    this.#pairs = pairs;
  }

  /** Sorts, and drops empty values; of a repeated name the last value wins. */
  static from(source: Iterable<Label> | Readonly<Record<string, string>>): Labels {
    const map = new Map<string, string>();
    if (Symbol.iterator in source) for (const { name, value } of source as Iterable<Label>) map.set(name, value);
    else for (const [name, value] of Object.entries(source)) map.set(name, value);
    return Labels.fromMap(map);
  }

  static fromMap(map: ReadonlyMap<string, string>): Labels {
    const names = [...map.keys()].filter((name) => map.get(name) !== '').sort(compareStrings);
    return new Labels(names.flatMap((name) => [name, map.get(name) ?? '']));
  }

  /**
   * Takes flat pairs that the caller knows to be sorted, unique and without empty values (a decoder of our own format).
   * The array is owned by the result from then on.
   */
  static fromSortedPairs(pairs: readonly string[]): Labels {
    return pairs.length === 0 ? Labels.empty : new Labels(pairs);
  }

  get size(): number {
    return this.#pairs.length / 2;
  }

  /** Flat name/value pairs, sorted by name. */
  get pairs(): readonly string[] {
    return this.#pairs;
  }

  /** The metric name, or `''`. */
  get metricName(): string {
    return this.get(METRIC_NAME);
  }

  /** The value of a label, or `''` when it is absent. */
  get(name: string): string {
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1] as string;
    return '';
  }

  has(name: string): boolean {
    return this.get(name) !== '';
  }

  *[Symbol.iterator](): Generator<Label> {
    for (let i = 0; i < this.#pairs.length; i += 2) {
      yield { name: this.#pairs[i] as string, value: this.#pairs[i + 1] as string };
    }
  }

  /**
   * A string equal for equal label sets and for no others: pairs joined by a lone surrogate, which cannot occur in
   * decoded UTF-8.
   */
  get key(): string {
    this.#key ??= this.#pairs.join('\ud800');
    return this.#key;
  }

  equals(other: Labels): boolean {
    return this === other || this.key === other.key;
  }

  /** This set with labels set (or, where the value is empty, removed). */
  with(changes: Readonly<Record<string, string>>): Labels {
    const pairs = this.#pairs.slice();
    for (const [name, value] of Object.entries(changes)) setPair(pairs, name, value);
    return Labels.fromSortedPairs(pairs);
  }

  without(...names: readonly string[]): Labels {
    return this.filter((name) => !names.includes(name));
  }

  /** The labels named, as `by (…)` keeps them. */
  keep(names: ReadonlySet<string>): Labels {
    return this.filter((name) => names.has(name));
  }

  filter(wanted: (name: string) => boolean): Labels {
    const pairs = this.#pairs;
    let kept: string[] | undefined;
    let size = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      if (!wanted(pairs[i] as string)) {
        // Copied whole and cut at the end: an array that grows pair by pair takes twice the room.
        kept ??= pairs.slice();
        continue;
      }
      if (kept !== undefined) {
        kept[size] = pairs[i] as string;
        kept[size + 1] = pairs[i + 1] as string;
      }
      size += 2;
    }
    if (kept === undefined) return this;
    kept.length = size;
    return Labels.fromSortedPairs(kept);
  }

  /** Computed once: most queries ask it of every series that they read. */
  withoutMetricName(): Labels {
    this.#nameless ??= this.filter((name) => name !== METRIC_NAME);
    return this.#nameless;
  }

  toMap(): Map<string, string> {
    const map = new Map<string, string>();
    for (let i = 0; i < this.#pairs.length; i += 2) map.set(this.#pairs[i] as string, this.#pairs[i + 1] as string);
    return map;
  }

  /** As the HTTP API writes a metric: `{"__name__":"up","job":"api"}`. */
  toJSON(): Record<string, string> {
    return Object.fromEntries(this.toMap());
  }

  /** As people write a series: `up{job="api"}`; names outside the legacy alphabet are quoted. */
  toString(): string {
    const name = this.metricName;
    const plainName = isLegacyMetricName(name);
    const parts = [...this]
      .filter((label) => label.name !== METRIC_NAME)
      .map((label) => `${quoteName(label.name)}=${JSON.stringify(label.value)}`);
    if (name !== '' && !plainName) parts.unshift(JSON.stringify(name));
    if (plainName && parts.length === 0) return name;
    return `${plainName ? name : ''}{${parts.join(', ')}}`;
  }
}

/** Keeps the pairs sorted; an empty value removes the pair. */
function setPair(pairs: string[], name: string, value: string): void {
  let at = 0;
  while (at < pairs.length && compareStrings(pairs[at] as string, name) < 0) at += 2;
  const isKnown = pairs[at] === name;
  if (value === '') {
    if (isKnown) pairs.splice(at, 2);
  } else if (isKnown) pairs[at + 1] = value;
  else pairs.splice(at, 0, name, value);
}

/** Sorts label sets as Prometheus sorts series: pair by pair, the shorter of two equal beginnings first. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.pairs.length, b.pairs.length);
  for (let i = 0; i < length; i++) {
    const order = compareStrings(a.pairs[i] as string, b.pairs[i] as string);
    if (order !== 0) return order;
  }
  return a.pairs.length - b.pairs.length;
}

/** `[a-zA-Z_:][a-zA-Z0-9_:]*`, the alphabet of metric names before UTF-8 names. */
export function isLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

/** `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function isLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

function quoteName(name: string): string {
  return isLegacyLabelName(name) ? name : JSON.stringify(name);
}
