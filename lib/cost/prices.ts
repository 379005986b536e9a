/** US dollars as listed for us-east-1 without any free tier, read on `readOn` from the providers' price pages. */
export const PRICES = {
  readOn: '2026-11-22',
  region: 'us-east-1',
  httpApiPerMillion: 1.0,
  lambdaPerMillion: 0.2,
  /** arm64. */
  lambdaPerGbSecond: 0.0000133334,
  /** Each started 64 KB of a message is a request. */
  sqsPerMillion: 0.4,
  writeUnitsPerMillion: 0.625,
  readUnitsPerMillion: 0.125,
  tablePerGbMonth: 0.25,
  /** Point-in-time recovery. */
  backupPerGbMonth: 0.2,
  logsPerGb: 0.5,
  managedPrometheus: {
    /** Dollars for ten million samples, by tiers of so many samples a month. */
    ingest: [
      { upTo: 2e9, perTenMillion: 0.9 },
      { upTo: 252e9, perTenMillion: 0.35 },
      { upTo: Number.POSITIVE_INFINITY, perTenMillion: 0.16 },
    ],
  },
  /** Grafana Cloud Pro: a series at one sample a minute; more samples count as more series. */
  grafanaCloudPerThousandSeries: 6.5,
} as const;
