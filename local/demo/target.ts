import type { Endpoint, Replica } from './endpoint.ts';
import type { Exposition, LabelSet } from './exposition.ts';
import { spread } from './traffic.ts';

/** A process that a Prometheus scrapes. */
export interface Target {
  /** `job`, `instance`, and what the scrape config adds. */
  readonly labels: LabelSet;
  readonly replicas: number;
  /** How often the process is restarted; its counters begin again then. */
  readonly restartEverySeconds: number;
  readonly endpoints: readonly Endpoint[];
  /** Writes the page of the target's framework. `time` in seconds since the epoch. */
  readonly expose: (page: Exposition, scrape: Scrape) => void;
}

export interface Scrape {
  readonly target: Target;
  readonly replica: Replica;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** The process that runs at a time: which one it is follows from the clock alone. */
export function replicaAt({ labels, replicas, restartEverySeconds }: Target, time: number): Replica {
  const instance = labels['instance'] ?? '';
  const offset = Math.floor(restartEverySeconds * spread(`restart${instance}`));
  const startedAt = Math.floor((time - offset) / restartEverySeconds) * restartEverySeconds + offset;
  return { instance, replicas, startedAt };
}
