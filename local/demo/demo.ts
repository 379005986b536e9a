import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError, RemoteWriter } from './remote-writer.ts';
import { scrape, scrapeTimes } from './scrape.ts';
import { EXTERNAL_LABELS, SHOP } from './shop.ts';

export interface DemoOptions {
  /** Of the server, without a path. */
  readonly url: string;
  readonly tenant: string;
  readonly token: string;
  /** Told of refused samples. */
  readonly onError: (error: Error) => void;
  /** How much of the past is sent first, ms. */
  readonly backfillMs?: number;
}

export interface Demo {
  /** Resolves when the past is sent. */
  readonly backfilled: Promise<void>;
  stop(): Promise<void>;
}

/** Enough for rate() over five minutes, and for a picture. */
const BACKFILL_MS = 15 * 60_000;

/** One step of the back-fill; what is scraped within it goes out together. */
const BACKFILL_STEP_MS = 30_000;

const TICK_MS = 1000;

/**
 * A simulated shop whose Prometheus writes to a server over HTTP. What it shows follows from the clock alone, so a second
 * start continues the series of the first, and what its back-fill repeats is equal to what is stored.
 */
export function startDemo(options: DemoOptions): Demo {
  const stopping = new AbortController();
  const writer = new RemoteWriter({
    url: `${options.url}/api/v1/write`,
    username: options.tenant,
    password: options.token,
    signal: stopping.signal,
  });
  const { promise: backfilled, resolve } = newPromise();
  const run = runDemo(writer, options, stopping.signal, resolve).catch((error: unknown) => {
    if (!stopping.signal.aborted) options.onError(error as Error);
    resolve();
  });
  return {
    backfilled,
    async stop() {
      stopping.abort();
      await run;
    },
  };
}

async function runDemo(
  writer: RemoteWriter,
  { onError, backfillMs = BACKFILL_MS }: DemoOptions,
  signal: AbortSignal,
  onBackfilled: () => void,
): Promise<void> {
  let sent = Date.now() - backfillMs;
  for (;;) {
    const now = Date.now();
    const until = Math.min(sent + BACKFILL_STEP_MS, now);
    await writer.write(scrapeShop(sent, until)).catch((error: unknown) => {
      if (!(error instanceof RefusedError)) throw error;
      onError(error);
    });
    sent = until;
    if (until < now) continue;
    onBackfilled();
    await sleep(TICK_MS, undefined, { signal });
  }
}

function scrapeShop(after: number, until: number) {
  return SHOP.flatMap((target) =>
    scrapeTimes(target, after, until).flatMap((timestamp) => scrape(target, EXTERNAL_LABELS, timestamp)),
  );
}

function newPromise(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
