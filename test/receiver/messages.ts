import { Writer } from 'protobufjs/minimal.js';
import type { Histogram } from '../../lib/model/histogram.ts';
import type { Label } from '../../lib/model/labels.ts';
import type { MetricMetadata } from '../../lib/model/metadata.ts';
import type { Exemplar } from '../../lib/model/sample.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { RemoteWriteProtocol, TimeSeries } from '../../lib/prompb/write-request.ts';
import { compress } from '../../lib/wire/snappy.ts';

export const V1: RemoteWriteProtocol = 'prometheus.WriteRequest';
export const V2: RemoteWriteProtocol = 'io.prometheus.write.v2.Request';

export const V1_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'user-agent': 'receiver-suite',
  'x-prometheus-remote-write-version': '0.1.0',
};

export const V2_HEADERS: Readonly<Record<string, string>> = {
  ...V1_HEADERS,
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  'x-prometheus-remote-write-version': '2.0.0',
};

export interface OutgoingRequest {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export function v1(timeseries: readonly TimeSeries[], metadata: readonly MetricMetadata[] = []): OutgoingRequest {
  return { headers: V1_HEADERS, body: compress(encodeWriteRequest({ timeseries, metadata }, V1)) };
}

export function v2(...timeseries: readonly TimeSeries[]): OutgoingRequest {
  return { headers: V2_HEADERS, body: compress(encodeWriteRequest({ timeseries, metadata: [] }, V2)) };
}

/** A request with other bytes before compression. */
export function rewritten(request: OutgoingRequest, bytes: Uint8Array): OutgoingRequest {
  return { ...request, body: compress(bytes) };
}

/** Labels in the order given: pairs, so that they may also be unsorted, empty or repeated. */
export function labels(...pairs: readonly string[]): Label[] {
  return Array.from({ length: pairs.length / 2 }, (_, i) => ({
    name: pairs[2 * i] as string,
    value: pairs[2 * i + 1] as string,
  }));
}

export function series(of: readonly Label[], parts: Partial<Omit<TimeSeries, 'labels'>> = {}): TimeSeries {
  return { labels: of, samples: [], histograms: [], exemplars: [], ...parts };
}

/** A series with one sample of now. */
export function sampled(of: readonly Label[], value = 1, parts: Partial<TimeSeries> = {}): TimeSeries {
  return series(of, { samples: [{ timestamp: Date.now(), value }], ...parts });
}

export function exemplar(of: readonly Label[], value = 1, timestamp = Date.now()): Exemplar {
  return { labels: of, value, timestamp };
}

/** 27 observations: 23 above zero, 3 below, 1 in the zero bucket. */
export function nativeHistogram(changes: Partial<Histogram> = {}): Histogram {
  return {
    timestamp: Date.now(),
    isFloat: false,
    schema: 0,
    count: 27,
    sum: 50.5,
    zeroThreshold: 0.001,
    zeroCount: 1,
    resetHint: 'unknown',
    positiveSpans: [
      { offset: 0, length: 3 },
      { offset: 2, length: 2 },
    ],
    positiveDeltas: [1, 2, 1, 3, 1],
    positiveCounts: [],
    negativeSpans: [{ offset: 0, length: 2 }],
    negativeDeltas: [1, 1],
    negativeCounts: [],
    customValues: [],
    ...changes,
  };
}

/** 30 observations in custom buckets. */
export function customHistogram(changes: Partial<Histogram> = {}): Histogram {
  return nativeHistogram({
    schema: -53,
    count: 30,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: [{ offset: 0, length: 6 }],
    positiveDeltas: [2, 1, 2, 3, -1, -2],
    negativeSpans: [],
    negativeDeltas: [],
    customValues: [0.1, 0.5, 1, 2.5, 5, 10],
    ...changes,
  });
}

/** A 2.0 message of chosen symbols and references, which need not fit together; one sample of 1 at now each. */
export function rawV2(
  symbols: readonly string[],
  rawSeries: readonly {
    readonly refs: readonly number[];
    readonly helpRef?: number;
    readonly unitRef?: number;
    readonly exemplarRefs?: readonly number[];
    readonly createdTimestamp?: number;
  }[],
): OutgoingRequest {
  const writer = new Writer();
  for (const symbol of symbols) writer.uint32(34).string(symbol);
  for (const { refs, helpRef = 0, unitRef = 0, exemplarRefs, createdTimestamp } of rawSeries) {
    writer.uint32(42).fork();
    writer.uint32(10).uint32s([...refs]);
    writer.uint32(18).fork().uint32(9).double(1).uint32(16).int64(Date.now()).ldelim();
    if (exemplarRefs !== undefined) {
      writer
        .uint32(34)
        .fork()
        .uint32(10)
        .uint32s([...exemplarRefs]);
      writer.uint32(17).double(1).uint32(24).int64(Date.now()).ldelim();
    }
    writer.uint32(42).fork().uint32(8).uint32(1).uint32(24).uint32(helpRef).uint32(32).uint32(unitRef).ldelim();
    if (createdTimestamp !== undefined) writer.uint32(48).int64(createdTimestamp);
    writer.ldelim();
  }
  return { headers: V2_HEADERS, body: compress(writer.finish()) };
}

/** A field that no version of either message has, to be put behind a message. */
export const UNKNOWN_FIELD = Uint8Array.of(0x98, 0x06, 0x01);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
