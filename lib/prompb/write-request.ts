import type { Histogram } from '../model/histogram.ts';
import type { Label } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { Exemplar, Sample } from '../model/sample.ts';

/**
 * A decoded remote-write message, the same for 1.0 and 2.0: what the wire held, before validation. Labels stand as
 * sent (perhaps unsorted, repeated, empty).
 */
export interface WriteRequest {
  readonly timeseries: readonly TimeSeries[];
  /** Message-level metadata (1.0 only); in 2.0 metadata is with its series. */
  readonly metadata: readonly MetricMetadata[];
}

export interface TimeSeries {
  readonly labels: readonly Label[];
  readonly samples: readonly Sample[];
  readonly histograms: readonly Histogram[];
  readonly exemplars: readonly Exemplar[];
  /** 2.0 only; absent where the sender left the type unspecified and help and unit empty. */
  readonly metadata?: Omit<MetricMetadata, 'metricFamilyName'>;
  /**
   * Why this series cannot be used although the message could be read: text that is not UTF-8, and in 2.0 an odd number
   * of label references or a reference outside the symbol table. Its labels are then whatever could be resolved.
   */
  readonly defect?: string;
}

/** Which of the two messages a body holds. */
export type RemoteWriteProtocol = 'prometheus.WriteRequest' | 'io.prometheus.write.v2.Request';

/** The bytes are not such a message; the text says at which byte and why. */
export class DecodeError extends Error {
  override name = 'DecodeError';
}

/** The message is larger than a receiver can afford to take apart, however well-formed it may be. */
export class MessageTooLargeError extends DecodeError {
  override name = 'MessageTooLargeError';
}

/** The bytes are the other protocol's message: read as this one, they would be an empty request and all data lost. */
export class WrongProtocolError extends DecodeError {
  override name = 'WrongProtocolError';
}
