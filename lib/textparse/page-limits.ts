/**
 * What one page may hold. Prometheus's scrape limits of the same purpose are named in brackets; as there, a page beyond
 * a limit fails as a whole.
 */
export interface PageLimits {
  /** Bytes of the decompressed body (`body_size_limit`). */
  readonly bodyBytes: number;
  /** Samples and native histograms (`sample_limit`); in protobuf also repeated ones, by themselves. */
  readonly samples: number;
  /** Labels of one series, the metric name included (`label_limit`). */
  readonly labels: number;
  /** UTF-8 bytes of a label's name, or of a metric's (`label_name_length_limit`). */
  readonly nameBytes: number;
  /** UTF-8 bytes of a label's value (`label_value_length_limit`). */
  readonly valueBytes: number;
}

/**
 * Bounds for memory and time, far beyond honest pages: what a tenant's series may be is decided later, series by series.
 * A million series of a federated Prometheus are about 200 MB; a body of 64 MiB is about 300,000 of them.
 */
export const DEFAULT_PAGE_LIMITS: PageLimits = {
  bodyBytes: 64 * 1024 * 1024,
  samples: 1_000_000,
  labels: 1000,
  nameBytes: 16 * 1024,
  valueBytes: 128 * 1024,
};
