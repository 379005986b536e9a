import { NO_ACCOUNT } from '../../../lib/pipeline/intake-account.ts';
import { encodeWriteRequest } from '../../../lib/prompb/encode-write-request.ts';
import type { QueueMessage } from '../../../lib/queue/interface.ts';
import { compress } from '../../../lib/wire/snappy.ts';
import { randomNumbers } from './random.ts';
import { SCRAPE_MS, type ScrapedSeries } from './world.ts';

/** How the messages of one run come: by queue batches, of which some are processed at the same time. */
export interface Delivery {
  /** Batches that workers process side by side, one each. */
  readonly batches: readonly (readonly QueueMessage[])[];
  /** The worker of this number begins anew before. */
  readonly restart?: number;
  /** What becomes of the first batch: its worker ends before or after the samples are durable, and it comes again. */
  readonly crash?: 'before commit' | 'after commit';
}

const MAX_SCRAPES_PER_REQUEST = 4;
const MAX_MESSAGES_PER_BATCH = 5;
export const WORKERS = 2;

/**
 * The requests of all senders, each sample in one of them: several scrapes at a time, series spread over shards. They come
 * in any order, late by up to ten minutes, some of them twice, to workers that end at any point.
 */
export function hostileDelivery(
  senders: readonly (readonly ScrapedSeries[])[],
  { seed, tenant, source, plan }: { seed: number; tenant: string; source: string; plan: string },
): Delivery[] {
  const random = randomNumbers(seed);
  const due: { readonly at: number; readonly message: QueueMessage }[] = [];
  for (const [sender, series] of senders.entries()) {
    for (const [i, request] of requestsOf(series, random).entries()) {
      const envelope = { id: `${sender}-${i}`, tenant, source, plan, receivedAt: request.sent, account: NO_ACCOUNT };
      const times = 1 + (random() < 0.2 ? 1 : 0);
      for (let time = 0; time < times; time++) {
        due.push({ at: request.sent + random() ** 3 * 600_000, message: { envelope, body: request.body } });
      }
    }
  }
  due.sort((a, b) => a.at - b.at);
  const deliveries: Delivery[] = [];
  const messages = due.map(({ message }) => message);
  while (messages.length > 0) {
    const take = () => messages.splice(0, 1 + Math.floor(random() * MAX_MESSAGES_PER_BATCH));
    const batches = random() < 0.3 ? [take(), take()] : [take()];
    const fate = random();
    if (fate < 0.2) {
      const [lost = []] = batches;
      messages.splice(Math.floor(random() * messages.length), 0, ...lost);
    }
    deliveries.push({
      batches: batches.filter((batch) => batch.length > 0),
      ...(fate < 0.2 && { crash: fate < 0.1 ? 'before commit' : 'after commit' }),
      ...(random() < 0.2 && { restart: Math.floor(random() * WORKERS) }),
    });
  }
  return deliveries;
}

interface Request {
  readonly body: Uint8Array;
  /** When its last sample was scraped, ms. */
  readonly sent: number;
}

function requestsOf(series: readonly ScrapedSeries[], random: () => number): Request[] {
  const shards = 1 + Math.floor(random() * 3);
  const timestamps = series.flatMap(({ samples }) => samples.map(({ timestamp }) => timestamp));
  const last = timestamps.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const requests: Request[] = [];
  let from = timestamps.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  while (from <= last) {
    const until = from + SCRAPE_MS * (1 + Math.floor(random() * MAX_SCRAPES_PER_REQUEST));
    for (let shard = 0; shard < shards; shard++) {
      const own = series.filter((_, i) => i % shards === shard);
      requests.push(...requestOf(own, from, until));
    }
    from = until;
  }
  return requests;
}

function requestOf(series: readonly ScrapedSeries[], from: number, until: number): Request[] {
  const timeseries = series.flatMap(({ labels, samples }) => {
    const own = samples.filter(({ timestamp }) => timestamp >= from && timestamp < until);
    return own.length === 0 ? [] : [{ labels: [...labels], samples: own, histograms: [], exemplars: [] }];
  });
  if (timeseries.length === 0) return [];
  const body = compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request'));
  return [{ body, sent: until }];
}
