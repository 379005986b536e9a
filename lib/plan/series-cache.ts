import type { ScopeConfig } from '../context/tenant.ts';
import type { Labels } from '../model/labels.ts';
import type { Contextualized, ContextualizedOutput } from './contextualizer.ts';

/** A round of forgetting takes what was not seen since the one before, which began so long ago at least. */
const ROUND_MS = 5 * 60_000;

/**
 * What is remembered of raw series, bounded over all sources together. When it is full, what is in use stays, and what comes
 * new is not remembered: series come round and round, so to forget the oldest for the newest would be to forget all of them.
 */
export class SeriesCache {
  readonly stats = { hits: 0, misses: 0, evictions: 0, entries: 0 };
  readonly #maxEntries: number;
  readonly #now: () => number;
  readonly #scopes = new WeakMap<ScopeConfig, Map<string, SourceSeries>>();
  readonly #sources: SourceSeries[] = [];

  /** @param now ms */
  constructor(maxEntries: number, now: () => number) {
    this.#maxEntries = maxEntries;
    this.#now = now;
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

  /**
   * Forgets a series where there is no room for one more of `source`: one that nobody sends any more, first of the source
   * that holds most; or any of that one's, while `source` has less than its share. False when there is still no room.
   */
  makeRoom(source: SourceSeries): boolean {
    if (this.stats.entries < this.#maxEntries) return true;
    const largest = this.#sources.reduce((a, b) => (b.size > a.size ? b : a));
    const isPoor = largest !== source && source.size < this.#maxEntries / this.#sources.length;
    if (!largest.evict(this.#now(), isPoor)) return false;
    this.stats.evictions++;
    return true;
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

/** How many series are looked at to find one to forget. */
const MAX_LOOKS = 16;

/** The raw series of one source, and which of them each contextualized series belongs to. */
class SourceSeries {
  readonly #cache: SeriesCache;
  /** By key of the raw labels. */
  readonly #entries = new Map<string, RememberedSeries>();
  /** By key of the contextualized labels. */
  readonly #owners = new Map<string, Labels>();
  /** The round of forgetting that is under way: what it has not come to yet, and how many these are. */
  #round = this.#entries.values();
  #roundLeft = 0;
  #roundBegan = Number.NEGATIVE_INFINITY;

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

  /** undefined where there is no room. */
  remember(raw: Labels, result: Contextualized): RememberedSeries | undefined {
    if (!this.#cache.makeRoom(this)) return undefined;
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

  /** Forgets one that was not seen since it was looked at in the round before; where it must and finds none, any. */
  evict(now: number, must: boolean): boolean {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      if (this.#roundLeft === 0 && !this.#beginRound(now, must)) return false;
      this.#roundLeft--;
      const { value: entry } = this.#round.next();
      if (entry === undefined) this.#roundLeft = 0;
      else if (!entry.wasSeen || (must && looks === MAX_LOOKS - 1)) {
        this.#forget(entry);
        return true;
      } else entry.wasSeen = false;
    }
    return false;
  }

  /** Gives up what a series claimed that is not remembered. */
  disclaim(raw: Labels, outputs: readonly ContextualizedOutput[]): void {
    for (const { labels } of outputs) if (this.#owners.get(labels.key)?.equals(raw)) this.#owners.delete(labels.key);
  }

  #beginRound(now: number, must: boolean): boolean {
    if (this.size === 0 || (!must && now - this.#roundBegan < ROUND_MS)) return false;
    this.#roundBegan = now;
    this.#round = this.#entries.values();
    this.#roundLeft = this.size;
    return true;
  }

  #forget(entry: RememberedSeries): void {
    this.#entries.delete(entry.raw.key);
    this.#cache.stats.entries--;
    const result = entry.forget();
    if (result?.kind === 'mapped') this.disclaim(entry.raw, result.outputs);
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
