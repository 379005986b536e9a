import { encodeWriteRequest } from '../prompb/encode-write-request.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import { MAX_MESSAGE_BODY_BYTES } from '../queue/interface.ts';
import { compress } from '../wire/snappy.ts';
import { MAX_DECODED_BYTES } from './intake-limits.ts';

/**
 * Packs series into as few bodies of queue messages as halving finds: snappy-compressed Remote-Write 2.0, each below
 * `maxBytes`. A series too large for one body is cut between its samples. No series at all gives one body without any.
 */
export function packMessages(
  timeseries: readonly TimeSeries[],
  maxBytes = MAX_MESSAGE_BODY_BYTES,
): readonly Uint8Array[] {
  const encoded = encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request');
  const body = encoded.length <= MAX_DECODED_BYTES ? compress(encoded) : undefined;
  if (body !== undefined && body.length <= maxBytes) return [body];
  return halve(timeseries).flatMap((half) => packMessages(half, maxBytes));
}

function halve(timeseries: readonly TimeSeries[]): (readonly TimeSeries[])[] {
  const [only] = timeseries;
  if (timeseries.length === 1 && only !== undefined) return halveSeries(only).map((series) => [series]);
  const middle = timeseries.length >> 1;
  return [timeseries.slice(0, middle), timeseries.slice(middle)];
}

/** Both halves are the same series, and metadata goes with the first. */
function halveSeries({ metadata, ...series }: TimeSeries): TimeSeries[] {
  const { samples, histograms } = series;
  if (samples.length + histograms.length < 2) {
    throw new Error('BUG: one sample is larger than a queue message; validation should have refused it');
  }
  const samplesAt = (samples.length + 1) >> 1;
  const histogramsAt = samples.length % 2 === 0 ? (histograms.length + 1) >> 1 : histograms.length >> 1;
  return [
    {
      ...series,
      ...(metadata === undefined ? {} : { metadata }),
      samples: samples.slice(0, samplesAt),
      histograms: histograms.slice(0, histogramsAt),
    },
    { ...series, samples: samples.slice(samplesAt), histograms: histograms.slice(histogramsAt) },
  ];
}
