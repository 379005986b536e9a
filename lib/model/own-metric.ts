/** One figure that Tributary tells about itself, at one time: what a tenant's own series are made of. */
export interface OwnMetric {
  /** As Prometheus names metrics: the unit at the end, `_total` for counters. */
  readonly name: string;
  /** One sentence for people who find the metric. */
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Without the name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
