import { type Claim, type Leadership, leaderAt, NOBODY } from '../context/leadership.ts';
import type { HighAvailability, IntakeLimits, Source, Tenant } from '../context/tenant.ts';
import type { ReceivedSamples } from '../prompb/received-samples.ts';
import { DAY_MS } from '../storage/retention-window.ts';
import type { Elections } from './elections.ts';
import type { Arrival, Arrivals } from './read-arrivals.ts';

/** Why samples of a replica that does not lead are dropped. Nothing is lost: the leader has them too. */
export const REPLICA_REASON = 'ha_replica';

/** What another replica has to bring of a series. */
export interface LeftToOthers {
  /** Samples and histograms. */
  readonly count: number;
  readonly detail: string;
}

/** Takes out of a series what another replica has to bring; undefined where that is nothing. */
export type LeaveToOthers = (arrival: Arrival) => LeftToOthers | undefined;

/**
 * Has leaders elected for the time of every sample of one message, where its source is written by several replicas.
 *
 * @throws StorageUnavailableError
 */
export async function electLeaders(
  { name: tenant, limits }: Tenant,
  source: Source,
  { list, samples }: Arrivals,
  elections: Elections,
): Promise<LeaveToOthers> {
  const ha = source.type === 'remote_write' ? source.ha : undefined;
  if (ha === undefined) return () => undefined;
  const settings = { failoverTimeout: ha.failoverTimeout, memory: memoryOf(limits) };
  const leaders = new Map<string, Leadership>();
  for (const [cluster, claims] of claimsByCluster(list, samples)) {
    leaders.set(cluster, await elections.decide({ tenant, source: source.name, cluster }, claims, settings));
  }
  return (arrival) => {
    const leadership = arrival.series.replica === '' ? undefined : leaders.get(arrival.series.cluster);
    return leadership === undefined ? undefined : leave(arrival, samples, ha, leadership);
  };
}

/** What is kept moves together to the front of the series' own part of the samples. */
function leave(
  arrival: Arrival,
  samples: ReceivedSamples,
  ha: HighAvailability,
  leadership: Leadership,
): LeftToOthers | undefined {
  const { series, begin, end, histograms } = arrival;
  const leads = (timestamp: number) => leaderAt(leadership, timestamp) === series.replica;
  let [kept, firstLeft] = [begin, Number.NaN];
  for (let i = begin; i < end; i++) {
    const timestamp = samples.timestamps[i] as number;
    if (leads(timestamp)) samples.move(i, kept++);
    else if (Number.isNaN(firstLeft)) firstLeft = timestamp;
  }
  arrival.end = kept;
  arrival.histograms = histograms.filter(({ timestamp }) => leads(timestamp));
  const count = end - kept + histograms.length - arrival.histograms.length;
  if (count === 0) return undefined;
  const other = Number.isNaN(firstLeft) ? histograms.find(({ timestamp }) => !leads(timestamp))?.timestamp : firstLeft;
  return { count, detail: detailOf(arrival, ha, leaderAt(leadership, other ?? Number.NaN)) };
}

function detailOf({ series }: Arrival, { clusterLabel, replicaLabel }: HighAvailability, leader: string | undefined) {
  return leader === NOBODY
    ? 'the leader of that time is forgotten: the sample is too old'
    : `${replicaLabel} ${leader} of ${clusterLabel} ${JSON.stringify(series.cluster)} led at that time`;
}

/** By value of the cluster label; every time of a replica once. */
function claimsByCluster(list: readonly Arrival[], { timestamps }: ReceivedSamples): Map<string, Claim[]> {
  const clusters = new Map<string, Map<string, Set<number>>>();
  for (const { series, begin, end, histograms } of list) {
    if (series.replica === '') continue;
    const times = timesOf(clusters, series.cluster, series.replica);
    for (let i = begin; i < end; i++) times.add(timestamps[i] as number);
    for (const { timestamp } of histograms) times.add(timestamp);
  }
  return new Map([...clusters].map(([cluster, replicas]) => [cluster, claimsOf(replicas)]));
}

function timesOf(clusters: Map<string, Map<string, Set<number>>>, cluster: string, replica: string): Set<number> {
  const replicas = clusters.get(cluster) ?? new Map<string, Set<number>>();
  clusters.set(cluster, replicas);
  const times = replicas.get(replica) ?? new Set<number>();
  replicas.set(replica, times);
  return times;
}

function claimsOf(replicas: ReadonlyMap<string, ReadonlySet<number>>): Claim[] {
  return [...replicas].flatMap(([replica, times]) => [...times].map((timestamp) => ({ replica, timestamp })));
}

/** Terms are remembered for as long as the door lets their samples in, and the queue may hold them up. */
function memoryOf({ maxSampleAgeMs, maxSampleAheadMs }: IntakeLimits): number {
  return maxSampleAgeMs + maxSampleAheadMs + DAY_MS;
}
