import { DEFAULT_HIGH_AVAILABILITY } from '../context/tenant.ts';
import { closedMap, durationText } from '../rules/shapes.ts';
import { labelName } from './name-shape.ts';

const { clusterLabel, replicaLabel } = DEFAULT_HIGH_AVAILABILITY;

/** `ha` of a source that is written to. */
export const HIGH_AVAILABILITY_SCHEMA = closedMap({
  cluster_label: labelName
    .describe(`Replicas with the same value of this label write the same data. Default ${clusterLabel}.`)
    .optional(),
  replica_label: labelName
    .describe(`Tells the replicas apart; taken off every series. Default ${replicaLabel}.`)
    .optional(),
  failover_timeout: durationText
    .describe(
      'How long the leading replica may bring nothing before another one leads; at least two scrape intervals. Default 30s.',
    )
    .optional(),
});
