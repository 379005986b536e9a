import { DEFAULT_HIGH_AVAILABILITY, type HighAvailability } from '../context/tenant.ts';
import { parseDuration } from '../promql/duration.ts';
import type { YamlPath } from '../rules/yaml-file.ts';
import type { Finding } from './remote-access.ts';
import type { WrittenRemoteWriteSource } from './source-schema.ts';

type WrittenHighAvailability = NonNullable<WrittenRemoteWriteSource['ha']>;

/** Below this every pause of a replica would be a failover; above it the gap of one is longer than anybody wants. */
const MIN_TIMEOUT = 1000;
const MAX_TIMEOUT = 3600_000;

/** Fills in the defaults. */
export function asHighAvailability(written: WrittenHighAvailability): HighAvailability {
  const { clusterLabel, replicaLabel, failoverTimeout } = DEFAULT_HIGH_AVAILABILITY;
  return {
    clusterLabel: written.cluster_label ?? clusterLabel,
    replicaLabel: written.replica_label ?? replicaLabel,
    failoverTimeout: parseDuration(written.failover_timeout ?? '') ?? failoverTimeout,
  };
}

/** What the values of `ha` must be to each other. */
export function highAvailabilityProblems({ ha }: WrittenRemoteWriteSource, path: YamlPath): Finding[] {
  if (ha === undefined) return [];
  const { clusterLabel, replicaLabel, failoverTimeout } = asHighAvailability(ha);
  const problems: Finding[] = [];
  if (failoverTimeout < MIN_TIMEOUT || failoverTimeout > MAX_TIMEOUT) {
    problems.push([[...path, 'failover_timeout'], 'must be at least 1s and at most 1h']);
  }
  if (clusterLabel === replicaLabel) {
    const message = `cluster and replica cannot both be ${replicaLabel}: one says which data it is, the other who sent it`;
    problems.push([[...path, 'replica_label'], message]);
  }
  for (const [key, label] of [
    ['cluster_label', clusterLabel],
    ['replica_label', replicaLabel],
  ] as const) {
    if (label === '__name__')
      problems.push([[...path, key], 'cannot be the name of the metric; use an external label']);
  }
  return problems;
}
