import { METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';

/**
 * Finds what may match a metric name without trying everything: items whose matchers name the metric (or a finite set
 * of names) are looked up, the few others are tried each time.
 */
export class NameIndex<T> {
  readonly #byName = new Map<string, T[]>();
  readonly #others: T[] = [];

  constructor(items: readonly T[], matchersOf: (item: T) => readonly Matcher[]) {
    for (const item of items) {
      const names = nameSet(matchersOf(item));
      if (names === undefined) this.#others.push(item);
      else for (const name of names) this.#list(name).push(item);
    }
    // The order of the items is kept: named ones and the others are merged once, here.
    if (this.#others.length > 0) this.#merge(items);
  }

  /** Items that may match a series of that name, in their order. */
  candidates(name: string): readonly T[] {
    return this.#byName.get(name) ?? this.#others;
  }

  #list(name: string): T[] {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const list: T[] = [];
    this.#byName.set(name, list);
    return list;
  }

  #merge(items: readonly T[]): void {
    const rank = new Map(items.map((item, i) => [item, i]));
    for (const [name, list] of this.#byName) {
      const merged = [...list, ...this.#others];
      merged.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
      this.#byName.set(name, merged);
    }
  }
}

/** The only names that can match; undefined when they cannot be enumerated. */
function nameSet(matchers: readonly Matcher[]): readonly string[] | undefined {
  const sets = matchers.filter((matcher) => matcher.name === METRIC_NAME).map((matcher) => matcher.setMatches);
  return sets.find((set) => set !== undefined);
}
