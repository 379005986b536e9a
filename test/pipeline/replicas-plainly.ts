import { type Claim, type Leadership, leaderAt, NOBODY } from '../../lib/context/leadership.ts';
import type { HighAvailability, IntakeLimits, Source, Tenant } from '../../lib/context/tenant.ts';
import { Labels } from '../../lib/model/labels.ts';
import type { Sample } from '../../lib/model/sample.ts';
import type { Elections } from '../../lib/pipeline/elections.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { DAY_MS } from '../../lib/storage/retention-window.ts';

/** A series of which only what the leading replica brought is left. */
export interface LeadingSeries {
  /** Without the replica label. */
  readonly raw: Labels;
  readonly samples: readonly Sample[];
  readonly histograms: TimeSeries['histograms'];
  /** Samples and histograms that another replica has to bring. */
  readonly left: number;
  readonly detail: string;
}

/** Tells what to take of a series. */
export type TakeLeading = (series: TimeSeries) => LeadingSeries;

/**
 * Has leaders elected for the time of every sample of one message, where its source is written by several replicas.
 *
 * @throws StorageUnavailableError
 */
export async function electLeadersPlainly(
  { name: tenant, limits }: Tenant,
  source: Source,
  timeseries: readonly TimeSeries[],
  elections: Elections,
): Promise<TakeLeading> {
  const ha = source.type === 'remote_write' ? source.ha : undefined;
  if (ha === undefined) return (series) => takeWhole(series, Labels.from(series.labels));
  const settings = { failoverTimeout: ha.failoverTimeout, memory: memoryOf(limits) };
  const leaders = new Map<string, Leadership>();
  for (const [cluster, claims] of claimsByCluster(timeseries, ha)) {
    leaders.set(cluster, await elections.decide({ tenant, source: source.name, cluster }, claims, settings));
  }
  return (series) => {
    const raw = Labels.from(series.labels);
    const leadership = raw.has(ha.replicaLabel) ? leaders.get(raw.get(ha.clusterLabel)) : undefined;
    return leadership === undefined ? takeWhole(series, raw) : takeLeading(series, raw, ha, leadership);
  };
}

function takeWhole({ samples, histograms }: TimeSeries, raw: Labels): LeadingSeries {
  return { raw, samples, histograms, left: 0, detail: '' };
}

function takeLeading(
  { samples, histograms }: TimeSeries,
  raw: Labels,
  { clusterLabel, replicaLabel }: HighAvailability,
  leadership: Leadership,
): LeadingSeries {
  const replica = raw.get(replicaLabel);
  const leads = ({ timestamp }: { readonly timestamp: number }) => leaderAt(leadership, timestamp) === replica;
  const taken = { samples: samples.filter(leads), histograms: histograms.filter(leads) };
  const left = samples.length + histograms.length - taken.samples.length - taken.histograms.length;
  const other = left === 0 ? undefined : [...samples, ...histograms].find((sample) => !leads(sample));
  const leader = other === undefined ? undefined : leaderAt(leadership, other.timestamp);
  const detail =
    leader === NOBODY
      ? 'the leader of that time is forgotten: the sample is too old'
      : `${replicaLabel} ${leader} of ${clusterLabel} ${JSON.stringify(raw.get(clusterLabel))} led at that time`;
  return { ...taken, raw: raw.without(replicaLabel), left, detail };
}

/** By value of the cluster label; every time of a replica once. */
function claimsByCluster(
  timeseries: readonly TimeSeries[],
  { clusterLabel, replicaLabel }: HighAvailability,
): Map<string, Claim[]> {
  const clusters = new Map<string, Map<string, Claim>>();
  for (const { labels, samples, histograms } of timeseries) {
    const replica = labelValue(labels, replicaLabel);
    if (replica === '') continue;
    const cluster = labelValue(labels, clusterLabel);
    const claims = clusters.get(cluster) ?? new Map<string, Claim>();
    clusters.set(cluster, claims);
    for (const { timestamp } of samples) claims.set(`${timestamp}/${replica}`, { replica, timestamp });
    for (const { timestamp } of histograms) claims.set(`${timestamp}/${replica}`, { replica, timestamp });
  }
  return new Map([...clusters].map(([cluster, claims]) => [cluster, [...claims.values()]]));
}

/** What a label list that is not yet a label set says; of a repeated name the last value, as `Labels.from` takes it. */
function labelValue(labels: TimeSeries['labels'], name: string): string {
  return labels.findLast((label) => label.name === name)?.value ?? '';
}

/** Terms are remembered for as long as the door lets their samples in, and the queue may hold them up. */
function memoryOf({ maxSampleAgeMs, maxSampleAheadMs }: IntakeLimits): number {
  return maxSampleAgeMs + maxSampleAheadMs + DAY_MS;
}
