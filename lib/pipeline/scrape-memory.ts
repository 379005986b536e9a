import type { Labels } from '../model/labels.ts';
import type { RemoteClient } from '../remote/remote-client.ts';
import { SeriesCache } from '../textparse/series-cache.ts';
import type { Judge } from './judge-series.ts';

/** The last sample of a series that a page had. */
export interface LastSample {
  readonly labels: Labels;
  /** ms */
  readonly timestamp: number;
}

/** What is remembered of one page of one server, by `Labels.key`; selected series only. */
export type PageMemory = ReadonlyMap<string, LastSample>;

/** Series of all servers that are remembered; about 300 bytes each. */
const MAX_REMEMBERED = 400_000;

/** How long a page without native histograms is asked for as text. */
const TEXT_PERIOD_MS = 3600_000;

/**
 * What one warm function knows of earlier scrapes. Without it more is queued and vanished series end five minutes later;
 * nothing that is stored would be wrong.
 */
export class ScrapeMemory {
  /** When the last run was, ms. */
  lastRun: number | undefined;
  readonly #servers = new Map<string, ServerMemory>();
  #remembered = 0;

  /** @param id of the target. */
  of(id: string, open: () => ServerParts): ServerMemory {
    const known = this.#servers.get(id);
    if (known !== undefined) return known;
    const memory = new ServerMemory(open(), (change) => this.#reserve(change));
    this.#servers.set(id, memory);
    return memory;
  }

  /** What is known of a target that was scraped before. */
  find(id: string): ServerMemory | undefined {
    return this.#servers.get(id);
  }

  /** Closes every connection that was kept. */
  close(): void {
    for (const { client } of this.#servers.values()) client.close();
  }

  #reserve(change: number): boolean {
    if (change > 0 && this.#remembered + change > MAX_REMEMBERED) return false;
    this.#remembered += change;
    return true;
  }
}

/** What serves one server for as long as the process lives. */
export interface ServerParts {
  readonly client: RemoteClient;
  readonly judge: Judge;
}

/** What is known of one server. */
export class ServerMemory implements ServerParts {
  readonly client: RemoteClient;
  readonly judge: Judge;
  /** Whether a scrape is under way; another would use the same caches. */
  busy = false;
  /** Whether its last scrape failed; it then waits until others have been served. */
  failed = false;
  /** When its metadata was last asked for, ms. */
  metadataAt = Number.NEGATIVE_INFINITY;
  /** Metrics that the server had by then. */
  metadataOf: ReadonlySet<string> = new Set();
  readonly #reserve: (change: number) => boolean;
  readonly #pages = new Map<string, PageMemory>();
  readonly #caches = new Map<string, SeriesCache>();
  /** By page: until when (ms) it is asked for as text. */
  readonly #textUntil = new Map<string, number>();

  /** @param reserve takes or gives back room for so many series; false when there is none. */
  constructor({ client, judge }: ServerParts, reserve: (change: number) => boolean) {
    this.client = client;
    this.judge = judge;
    this.#reserve = reserve;
  }

  /**
   * Whether to ask for a page in the format that has native histograms. It is larger and slower to read than text, so a
   * page that had none is asked for as text for an hour.
   */
  asksForHistograms(key: string, now: number): boolean {
    return now >= (this.#textUntil.get(key) ?? Number.NEGATIVE_INFINITY);
  }

  /** Call it with what a page had that was asked for with histograms. */
  sawHistograms(key: string, hadHistograms: boolean, now: number): void {
    if (hadHistograms) this.#textUntil.delete(key);
    else this.#textUntil.set(key, now + TEXT_PERIOD_MS);
  }

  /** The page's last success; undefined where none is remembered. */
  page(key: string): PageMemory | undefined {
    return this.#pages.get(key);
  }

  /** The parser's memory of a page; it goes when the page is forgotten, so that both have one bound. */
  cache(key: string): SeriesCache {
    const known = this.#caches.get(key) ?? new SeriesCache();
    this.#caches.set(key, known);
    return known;
  }

  /** Replaces what is known of a page, or forgets it where there is no room. */
  remember(key: string, page: PageMemory): void {
    this.#reserve(-(this.#pages.get(key)?.size ?? 0));
    if (this.#reserve(page.size)) {
      this.#pages.set(key, page);
    } else {
      this.#pages.delete(key);
      this.#caches.delete(key);
    }
  }
}
