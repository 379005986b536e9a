import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Labels } from '../../lib/model/labels.ts';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import type { IntakeRequest } from '../../lib/pipeline/intake-request.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { takePlainly } from '../../lib/pipeline/take-plainly.ts';
import { takeRemembered } from '../../lib/pipeline/take-remembered.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { RemoteWriteProtocol, TimeSeries } from '../../lib/prompb/write-request.ts';
import type { Queue } from '../../lib/queue/interface.ts';
import { compress, uncompress } from '../../lib/wire/snappy.ts';
import { encodingOf, protocolOf, readBody, readCaptures } from '../prompb/captures.ts';
import {
  customHistogram,
  exemplar,
  labels,
  nativeHistogram,
  series,
  V1,
  V1_HEADERS,
  V2,
  V2_HEADERS,
} from '../receiver/messages.ts';
import { CREDENTIALS, TEST_TENANTS } from '../receiver/test-tenants.ts';

/** The time at which the corpus was made, so that what a mutation leaves whole is accepted. */
const NOW = Date.parse('2026-11-22T12:00:00Z');
const MAX_BODY_MS = 1000;
const MAX_HEAP_GROWTH = 64 * 1024 * 1024;

export interface FuzzReport {
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Bytes of live heap at the end less those after the first tenth. */
  readonly heapGrowth: number;
  readonly queuedMessages: number;
  /** What must not happen, each with the number of the request; empty after a good run. */
  readonly failures: readonly string[];
}

/**
 * Sends `count` damaged requests through the receiver: every one must be answered 2xx or 4xx, soon, and what is queued
 * must be a message that the worker can read. Equal seeds make equal runs.
 */
export async function fuzzReceiver(count: number, seed: number): Promise<FuzzReport> {
  const random = new Random(seed);
  const corpus = readCorpus();
  const queue = new CheckingQueue();
  const statuses: Record<string, number> = {};
  const failures: string[] = [];
  let slowestMs = 0;
  let heapAtStart = liveHeap();
  for (let i = 0; i < count && failures.length < 10; i++) {
    if (i === Math.floor(count / 10)) heapAtStart = liveHeap();
    const request = damagedRequest(corpus, random, i);
    const start = performance.now();
    const outcome = await statusOf(request, queue).catch((error: Error) => `threw ${error.stack}`);
    const elapsed = performance.now() - start;
    slowestMs = Math.max(slowestMs, elapsed);
    statuses[outcome] = (statuses[outcome] ?? 0) + 1;
    if (!/^[24]\d\d$/.test(outcome)) failures.push(`request ${i}: ${outcome}`);
    if (i % 3 === 0) failures.push(...disagreements(request).map((text) => `request ${i}: ${text}`));
    if (elapsed > MAX_BODY_MS) failures.push(`request ${i}: took ${Math.round(elapsed)} ms`);
  }
  const heapGrowth = liveHeap() - heapAtStart;
  if (heapGrowth > MAX_HEAP_GROWTH) failures.push(`the heap grew by ${heapGrowth} bytes`);
  return { requests: count, statuses, slowestMs, heapGrowth, queuedMessages: queue.messages, failures };
}

/** What is remembered in the course of a run: all of it, little of it, and with hashes that collide. */
const MEMORIES = [{}, { generationBytes: 32 * 1024 }, { hashMask: 3 }].map((options) => new SeriesMemories(options));
let turn = 0;

async function statusOf(request: IntakeRequest, queue: Queue): Promise<string> {
  const response = await receive(request, {
    tenants: TEST_TENANTS,
    selects: selectsEven,
    planVersion: 'fuzz',
    queue,
    now: () => NOW,
    memories: MEMORIES[turn++ % MEMORIES.length] as SeriesMemories,
  });
  return String(response.status);
}

/** What is remembered must not change what becomes of a request. */
function disagreements({ body, headers }: IntakeRequest): string[] {
  const protocol = headers['content-type'] === V2_HEADERS['content-type'] ? V2 : V1;
  const [tenant] = TEST_TENANTS;
  if (tenant === undefined) throw new Error('the tenants of the tests are gone');
  const rules = { protocol, limits: tenant.limits, now: NOW };
  const memory = (MEMORIES[turn % MEMORIES.length] as SeriesMemories).of(tenant, selectsEven);
  const remembered = takeRemembered(body, rules, selectsEven, memory);
  if (remembered === undefined) return [];
  const [ours, expected] = [remembered, takePlainly(body, rules, selectsEven)].map(({ report }) =>
    JSON.stringify([report.account, report.written, report.failed && report.text]),
  );
  return ours === expected ? [] : [`is ${ours} where the plain way comes to ${expected}`];
}

function selectsEven(set: Labels): boolean {
  return set.metricName.length % 2 === 0;
}

/** Takes everything, and makes sure that the worker could. */
class CheckingQueue implements Queue {
  messages = 0;

  async send(messages: Parameters<Queue['send']>[0]): Promise<void> {
    for (const { body, envelope } of messages) {
      this.messages++;
      JSON.parse(envelope.account);
      for (const { defect, labels: of } of decodeWriteRequest(uncompress(body, 1e9), V2).timeseries) {
        if (defect !== undefined || of.length === 0) throw new Error(`BUG: a bad series was queued: ${defect}`);
      }
    }
  }
}

interface Seedling {
  readonly protocol: RemoteWriteProtocol;
  readonly bytes: Uint8Array;
}

/** Recorded bodies where there are any, small ones before all, and encodings that hold every field. */
function readCorpus(): readonly Seedling[] {
  const captured = readCaptures()
    .filter((capture) => encodingOf(capture) === 'snappy' && capture.decoded.raw < 150_000)
    .map((capture) => ({ protocol: protocolOf(capture), bytes: uncompress(readBody(capture), 1e7) }))
    .sort((a, b) => a.bytes.length - b.bytes.length);
  const own = [1, 3, 10].flatMap((size) =>
    [V1, V2].map((protocol) => {
      const timeseries = Array.from({ length: size }, (_, i) => everything(i)).flat();
      const metadata = [{ metricFamilyName: 'fuzz', type: 'counter', help: 'Fuzz.', unit: 's' } as const];
      return { protocol, bytes: encodeWriteRequest({ timeseries, metadata }, protocol) };
    }),
  );
  return [...own, ...captured];
}

function everything(i: number): TimeSeries[] {
  const of = labels('__name__', `fuzz_${i}_total`, 'instance', '127.0.0.1:9090', 'path', '/ä?b="c"');
  const metadata = { type: 'counter', help: 'How much fuzz.', unit: 'bytes' } as const;
  const values = [i, STALE_NAN, Number.NaN, Number.POSITIVE_INFINITY];
  const samples = values.map((value, at) => ({ timestamp: NOW - at, value, startTimestamp: NOW - 1000 }));
  const histograms = [nativeHistogram({ timestamp: NOW }), customHistogram({ timestamp: NOW })];
  return [
    series(of, { samples, metadata, exemplars: [exemplar(labels('trace_id', 'abc'), 1, NOW)] }),
    series(of, { histograms, metadata }),
  ];
}

function damagedRequest(corpus: readonly Seedling[], random: Random, i: number): IntakeRequest {
  // The corpus is sorted by size: squaring prefers the small, of which more can be tried.
  const { protocol, bytes } = corpus[Math.floor(random.next() ** 3 * corpus.length)] as Seedling;
  const donor = (corpus[Math.floor(random.next() ** 3 * corpus.length)] as Seedling).bytes;
  const isInside = random.next() < 0.7;
  const body = isInside ? compress(damage(bytes, donor, random)) : damage(compress(bytes), donor, random);
  const isSwapped = random.next() < 0.02;
  const headers = (protocol === V1) === isSwapped ? V2_HEADERS : V1_HEADERS;
  return {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${CREDENTIALS.password}` },
    body,
    receivedAt: NOW,
    requestId: `fuzz-${i}`,
  };
}

/** One wound, or up to four. */
function damage(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  let result = Uint8Array.from(bytes);
  for (let wounds = random.next() < 0.5 ? 1 : 2 + random.below(3); wounds > 0; wounds--) {
    const wound = WOUNDS[random.below(WOUNDS.length)] as Wound;
    result = Uint8Array.from(wound(result, donor, random));
  }
  return result;
}

type Wound = (bytes: Uint8Array, donor: Uint8Array, random: Random) => Uint8Array;

const WOUNDS: readonly Wound[] = [
  function flipBit(bytes, _, random) {
    const at = random.below(bytes.length);
    if (bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  },
  function setByte(bytes, _, random) {
    const at = random.below(bytes.length);
    if (bytes.length > 0) bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random.below(256)][random.below(6)] as number;
    return bytes;
  },
  function truncate(bytes, _, random) {
    return bytes.subarray(0, random.below(bytes.length));
  },
  function splice(bytes, donor, random) {
    const from = random.below(donor.length);
    const graft = donor.subarray(from, from + random.below(200));
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), graft, bytes.subarray(at + random.below(graft.length + 1))]);
  },
  function stretchVarint(bytes, _, random) {
    const at = random.below(bytes.length);
    const varint = Uint8Array.from({ length: 1 + random.below(11) }, () => 0x80 | random.below(128));
    if (random.next() < 0.7) varint[varint.length - 1] = random.below(128);
    return Buffer.concat([bytes.subarray(0, at), varint, bytes.subarray(at + 1)]);
  },
  function repeat(bytes, _, random) {
    const at = random.below(bytes.length);
    const piece = bytes.subarray(at, at + random.below(64));
    const copies = Array.from({ length: 1 + random.below(20) }, () => piece);
    return Buffer.concat([bytes.subarray(0, at), ...copies, bytes.subarray(at)]);
  },
  function cutOut(bytes, _, random) {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(64))]);
  },
];

/** Mulberry32: small, and the same everywhere. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }
}

function liveHeap(): number {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '200000', seed = '1'] = process.argv.slice(2);
  const start = performance.now();
  const report = await fuzzReceiver(Number(count), Number(seed));
  console.log(
    `${report.requests} damaged requests in ${Math.round((performance.now() - start) / 1000)} s, seed ${seed}`,
  );
  console.log(`answers: ${JSON.stringify(report.statuses)}; queued messages: ${report.queuedMessages}`);
  console.log(`slowest: ${report.slowestMs.toFixed(1)} ms; heap growth: ${(report.heapGrowth / 1024).toFixed(0)} KiB`);
  for (const failure of report.failures) console.error(failure);
  process.exitCode = report.failures.length === 0 ? 0 : 1;
}
