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

  /** Forgets least recently seen series, first of the source that holds most, until the bound holds again. */
  shrink(): void {
    while (this.stats.entries > this.#maxEntries) {
      const largest = this.#sources.reduce((a, b) => (b.size > a.size ? b : a));
      largest.evict();
      this.stats.evictions++;
    }
  }
}

interface Entry {
  readonly raw: Labels;
  readonly result: Contextualized;
}

/** The raw series of one source, and which of them each contextualized series belongs to. */
class SourceSeries {
  readonly #cache: SeriesCache;
  /** By key of the raw labels, least recently seen first. */
  readonly #entries = new Map<string, Entry>();
  /** By key of the contextualized labels. */
  readonly #owners = new Map<string, Labels>();

  constructor(cache: SeriesCache) {
    this.#cache = cache;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(raw: Labels): Contextualized | undefined {
    const entry = this.#entries.get(raw.key);
    if (entry === undefined) {
      this.#cache.stats.misses++;
      return undefined;
    }
    this.#cache.stats.hits++;
    this.#entries.delete(raw.key);
    this.#entries.set(raw.key, entry);
    return entry.result;
  }

  remember(raw: Labels, result: Contextualized): Contextualized {
    this.#entries.set(raw.key, { raw, result });
    this.#cache.stats.entries++;
    this.#cache.shrink();
    return result;
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

  evict(): void {
    for (const [key, { raw, result }] of this.#entries) {
      this.#entries.delete(key);
      this.#cache.stats.entries--;
      if (result.kind === 'mapped') for (const { labels } of result.outputs) this.#release(labels, raw);
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
