import type { ScopeConfig } from '../context/tenant.ts';
import type { Labels } from '../model/labels.ts';
import type { Contextualized, ContextualizedOutput } from './contextualizer.ts';

/** What is remembered of raw series, bounded over all sources together. */
export class SeriesCache {
  readonly stats = { hits: 0, misses: 0, evictions: 0, entries: 0 };
  readonly #maxEntries: number;
  readonly #scopes = new WeakMap<ScopeConfig, Map<string, SourceSeries>>();
  readonly #sources: SourceSeries[] = [];

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** The series of one source: nothing is ever shared between two. */
  of(scope: ScopeConfig, source: string): SourceSeries {
    let bySource = this.#scopes.get(scope);
    if (bySource === undefined) {
      bySource = new Map();
      this.#scopes.set(scope, bySource);
    }
    let series = bySource.get(source);
    if (series === undefined) {
      series = new SourceSeries(this);
      bySource.set(source, series);
      this.#sources.push(series);
    }
    return series;
  }

  /** Forgets series that were not seen lately, first of the source that holds most, until there is room for one more. */
  makeRoom(): void {
    while (this.stats.entries > 0 && this.stats.entries >= this.#maxEntries) {
      const largest = this.#sources.reduce((a, b) => (b.size > a.size ? b : a));
      largest.evict();
      this.stats.evictions++;
    }
  }
}

/** What is remembered of one raw series. */
export class RememberedSeries {
  readonly raw: Labels;
  /** Whether it was asked for since it was last up to be forgotten. */
  wasSeen = false;
  #result: Contextualized | undefined;

  constructor(raw: Labels, result: Contextualized) {
    this.raw = raw;
    this.#result = result;
  }

  /** The answer; undefined once it is forgotten. */
  get result(): Contextualized | undefined {
    return this.#result;
  }

  /** The same. Asking for it here spares the look-up, and counts as seeing the series. */
  recall(): Contextualized | undefined {
    this.wasSeen = true;
    return this.#result;
  }

  forget(): Contextualized | undefined {
    const result = this.#result;
    this.#result = undefined;
    return result;
  }
}

/** The raw series of one source, and which of them each contextualized series belongs to. */
class SourceSeries {
  readonly #cache: SeriesCache;
  /** By key of the raw labels, in the order in which they are up to be forgotten. */
  readonly #entries = new Map<string, RememberedSeries>();
  /** By key of the contextualized labels. */
  readonly #owners = new Map<string, Labels>();

  constructor(cache: SeriesCache) {
    this.#cache = cache;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(raw: Labels): RememberedSeries | undefined {
    const entry = this.#entries.get(raw.key);
    if (entry === undefined) this.#cache.stats.misses++;
    else {
      this.#cache.stats.hits++;
      entry.wasSeen = true;
    }
    return entry;
  }

  remember(raw: Labels, result: Contextualized): RememberedSeries {
    this.#cache.makeRoom();
    const entry = new RememberedSeries(raw, result);
    this.#entries.set(raw.key, entry);
    this.#cache.stats.entries++;
    return entry;
  }

  /** Makes `raw` the owner of its outputs; or tells why it cannot be, and claims nothing. */
  claim(raw: Labels, outputs: readonly ContextualizedOutput[]): string | undefined {
    const seen = new Map<string, ContextualizedOutput>();
    for (const output of outputs) {
      const owner = this.#owners.get(output.labels.key);
      if (owner !== undefined && !owner.equals(raw)) return collisionDetail(raw, owner, output);
      const twin = seen.get(output.labels.key);
      if (twin !== undefined) return twinDetail(raw, twin, output);
      seen.set(output.labels.key, output);
    }
    for (const key of seen.keys()) this.#owners.set(key, raw);
    return undefined;
  }

  /** Forgets the first that was not seen since it was up the last time; who was goes to the end. */
  evict(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      if (entry.wasSeen) {
        entry.wasSeen = false;
        this.#entries.set(key, entry);
        continue;
      }
      this.#cache.stats.entries--;
      const result = entry.forget();
      if (result?.kind === 'mapped') for (const { labels } of result.outputs) this.#release(labels, entry.raw);
      return;
    }
  }

  #release(output: Labels, raw: Labels): void {
    if (this.#owners.get(output.key)?.equals(raw)) this.#owners.delete(output.key);
  }
}

function collisionDetail(raw: Labels, owner: Labels, { labels, rule }: ContextualizedOutput): string {
  return (
    `${raw} would become ${labels}, which ${owner} already is (rule ${rule.origin.file}:${rule.origin.line}): ` +
    'keep the label that tells the two apart'
  );
}

function twinDetail(raw: Labels, twin: ContextualizedOutput, output: ContextualizedOutput): string {
  const [a, b] = [twin, output].map(({ rule }) => `${rule.origin.file}:${rule.origin.line}`);
  return `the rules ${a} and ${b} both make ${output.labels} of ${raw}: remove one of them, or tell them apart by a label`;
}
