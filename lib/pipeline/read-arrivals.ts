import type { Source } from '../context/tenant.ts';
import type { Label } from '../model/labels.ts';
import { decodeWriteRequest } from '../prompb/decode-write-request.ts';
import type { LabelMemory } from '../prompb/label-memory.ts';
import { type BesideSamples, MessageWalk } from '../prompb/message-walk.ts';
import { ReceivedSamples } from '../prompb/received-samples.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import { ReceivedSeries } from './received-series.ts';

/** One series of a message. Its samples stand at [begin, end) of the message's. */
export interface Arrival {
  readonly series: ReceivedSeries;
  readonly begin: number;
  end: number;
  histograms: TimeSeries['histograms'];
  readonly metadata: TimeSeries['metadata'];
}

/** What a message of the queue holds. */
export interface Arrivals {
  readonly list: readonly Arrival[];
  readonly samples: ReceivedSamples;
}

/** Of a message with series of one sample and ten labels. */
const BYTES_PER_SAMPLE = 40;

/**
 * Reads an uncompressed message of a source. Without a memory, or where the message is of no shape that is known, all of
 * it goes through the plain decoder.
 *
 * @throws DecodeError
 */
export function readArrivals(bytes: Uint8Array, source: Source, memory?: LabelMemory<ReceivedSeries>): Arrivals {
  const ha = source.type === 'remote_write' ? source.ha : undefined;
  const meet = (labels: readonly Label[]) => new ReceivedSeries(labels, ha);
  const remembered = memory === undefined ? undefined : readRemembered(bytes, memory, meet);
  return remembered ?? readPlainly(bytes, meet);
}

type Meet = (labels: readonly Label[]) => ReceivedSeries;

function readRemembered(bytes: Uint8Array, memory: LabelMemory<ReceivedSeries>, meet: Meet): Arrivals | undefined {
  const samples = new ReceivedSamples(Math.ceil(bytes.length / BYTES_PER_SAMPLE));
  const list: Arrival[] = [];
  const take = (
    series: ReceivedSeries,
    begin: number,
    end: number,
    { histograms, metadata }: BesideSamples = NOTHING,
  ) => {
    list.push({ series, begin, end, histograms, metadata });
  };
  return new MessageWalk(bytes, memory, samples, { meet, take }).run() ? { list, samples } : undefined;
}

const NOTHING: BesideSamples = { histograms: [] };

function readPlainly(bytes: Uint8Array, meet: Meet): Arrivals {
  const samples = new ReceivedSamples();
  const { timeseries } = decodeWriteRequest(bytes, 'io.prometheus.write.v2.Request');
  const list = timeseries.map((one): Arrival => {
    const begin = samples.length;
    for (const sample of one.samples) samples.push(sample);
    const { histograms, metadata } = one;
    return { series: meet(one.labels), begin, end: samples.length, histograms, metadata };
  });
  return { list, samples };
}
