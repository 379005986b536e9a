import { createHash } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import { Labels } from '../../lib/model/labels.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import type { QueueMessage } from '../../lib/queue/interface.ts';
import { decodeSqsRecord } from '../../lib/queue/message.ts';
import type { Series } from '../../lib/storage/interface.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { CONTEXTUALIZER, sourceOfTenant } from './stage.ts';

const MAX_BODY = 1 << 24;

/** One contextualized sample: series and time as one text, and its value as another, so that markers and kinds are told. */
export interface Point {
  readonly key: string;
  readonly value: string;
  /** ms. */
  readonly timestamp: number;
  readonly labels: Labels;
  /** Of which one of a pair; empty elsewhere. */
  readonly replica: string;
}

/** A page of `/federate` that somebody received. */
export interface PageRead {
  /** Metrics that were asked for. */
  readonly names: readonly string[];
  /** Contextualized series that it had, by their labels' key. */
  readonly present: ReadonlySet<string>;
  readonly time: number;
}

/** What somebody outside has seen of a run: what was acknowledged, and what was durable when. */
export class Observations {
  /** What a sender was told is taken, by tenant and key. */
  readonly acknowledged = new Map<string, Map<string, Point>>();
  /** When a message was first reported done, ms, by its key. */
  readonly doneAt = new Map<string, number>();
  /** By tenant: samples that a worker reported stored. */
  readonly stored = new Map<string, Map<string, string>>();
  /** By tenant and key: values that evaluators computed. */
  readonly computed = new Map<string, Map<string, Set<string>>>();
  /** By tenant: what evaluators were told is stored. */
  readonly committed = new Map<string, Set<string>>();
  /** By tenant and key: what its servers ever scraped. */
  readonly scraped = new Map<string, Map<string, string>>();
  /** By tenant: pages that were read. */
  readonly pages = new Map<string, PageRead[]>();
  /** By tenant: times, [from, to], of which some question had no answer, ms. */
  readonly unanswered = new Map<string, [from: number, to: number][]>();

  acknowledge(tenant: string, timeseries: readonly TimeSeries[]): void {
    const known = ofTenant(this.acknowledged, tenant, () => new Map<string, Point>());
    for (const point of contextualizedPoints(tenant, timeseries)) known.set(`${point.replica} ${point.key}`, point);
  }

  done(messages: readonly QueueMessage[], now: number): void {
    for (const { envelope, body } of messages) {
      const key = messageKey({ envelope, body });
      if (this.doneAt.has(key)) continue;
      this.doneAt.set(key, now);
      const known = ofTenant(this.stored, envelope.tenant, () => new Map<string, string>());
      for (const { key, value } of pointsOfBody(envelope.tenant, body)) known.set(key, value);
    }
  }

  scrape(tenant: string, timeseries: readonly TimeSeries[]): void {
    const known = ofTenant(this.scraped, tenant, () => new Map<string, string>());
    for (const { key, value } of contextualizedPoints(tenant, timeseries)) known.set(key, value);
  }

  readPage(tenant: string, names: readonly string[], page: readonly TimeSeries[], time: number): void {
    const present = new Set(contextualizedPoints(tenant, page).map(({ labels }) => labels.key));
    ofTenant(this.pages, tenant, () => [] as PageRead[]).push({ names, present, time });
  }

  missAnswers(tenant: string, from: number, to: number): void {
    ofTenant(this.unanswered, tenant, () => [] as [number, number][]).push([from, to]);
  }

  compute(tenant: string, points: readonly Point[]): void {
    const known = ofTenant(this.computed, tenant, () => new Map<string, Set<string>>());
    for (const { key, value } of points) {
      const values = known.get(key);
      if (values === undefined) known.set(key, new Set([value]));
      else values.add(value);
    }
  }

  commit(tenant: string, points: readonly Point[]): void {
    const known = ofTenant(this.committed, tenant, () => new Set<string>());
    for (const { key } of points) known.add(key);
  }
}

export function ofTenant<T>(map: Map<string, T>, tenant: string, create: () => T): T {
  const known = map.get(tenant) ?? create();
  map.set(tenant, known);
  return known;
}

/** A message that was queued, and what it has to become. */
export interface Queued {
  readonly message: QueueMessage;
  readonly points: readonly Point[];
  /** Samples and histograms in it. */
  readonly samples: number;
}

/** Messages by key; each once, however often it was queued. */
export function queuedMessages(records: readonly SQSRecord[]): Map<string, Queued> {
  const queued = new Map<string, Queued>();
  for (const record of records) {
    const message = decodeSqsRecord(record);
    const { tenant } = message.envelope;
    const key = messageKey(message);
    if (queued.has(key)) continue;
    const timeseries = timeseriesOf(message.body);
    const samples = timeseries.reduce((sum, one) => sum + one.samples.length + one.histograms.length, 0);
    queued.set(key, { message, points: contextualizedPoints(tenant, timeseries), samples });
  }
  return queued;
}

/** Scrapes that ran twice at one time have the same names, and may have seen different pages. */
export function messageKey({ envelope, body }: QueueMessage): string {
  return `${envelope.id} ${createHash('sha1').update(envelope.account).update(body).digest('base64')}`;
}

function pointsOfBody(tenant: string, body: Uint8Array): Point[] {
  return contextualizedPoints(tenant, timeseriesOf(body));
}

function timeseriesOf(body: Uint8Array): readonly TimeSeries[] {
  return decodeWriteRequest(uncompress(body, MAX_BODY), 'io.prometheus.write.v2.Request').timeseries;
}

/** What raw series become, sample by sample; who leads of a pair is not judged. */
function contextualizedPoints(tenant: string, timeseries: readonly TimeSeries[]): Point[] {
  const source = sourceOfTenant(tenant);
  const replicaLabel = source.type === 'remote_write' ? (source.ha?.replicaLabel ?? '') : '';
  return timeseries.flatMap(({ labels, samples, histograms }) => {
    const raw = Labels.from(labels);
    const contextualized = CONTEXTUALIZER.contextualize(raw.without(replicaLabel), source.scope, tenant);
    if (contextualized.kind === 'dropped') return [];
    const replica = raw.get(replicaLabel);
    return contextualized.outputs.flatMap((output) => [
      ...samples.map(({ timestamp, value }) => pointOf(output.labels, timestamp, floatText(value), replica)),
      ...histograms.map(({ timestamp, sum }) => pointOf(output.labels, timestamp, histogramText(sum), replica)),
    ]);
  });
}

export function pointOf(labels: Labels, timestamp: number, value: string, replica = ''): Point {
  return { key: `${labels} ${timestamp}`, value, timestamp, labels, replica };
}

export function floatText(value: number): string {
  return isStaleNaN(value) ? 'stale' : String(value);
}

export function histogramText(sum: number): string {
  return isStaleNaN(sum) ? 'stale histogram' : `histogram of ${sum}`;
}

/** The samples of an answer. @throws Error where a sample stands in it twice. */
export function pointsOf(answer: readonly Series[]): Map<string, Point> {
  const points = new Map<string, Point>();
  for (const { labels, floats, histograms } of answer) {
    const found = [
      ...Array.from(floats.timestamps, (time, i) => pointOf(labels, time, floatText(floats.values[i] as number))),
      ...(histograms?.histograms ?? []).map(({ timestamp, sum }) => pointOf(labels, timestamp, histogramText(sum))),
    ];
    for (const point of found) {
      if (points.has(point.key)) throw new Error(`${point.key} is answered twice`);
      points.set(point.key, point);
    }
  }
  return points;
}
