import { setTimeout as sleepFor } from 'node:timers/promises';
import {
  type Claim,
  decideClaims,
  type Leadership,
  type LeadershipSettings,
  NO_LEADERSHIP,
  type Term,
} from '../context/leadership.ts';
import { StorageUnavailableError } from '../storage/errors.ts';
import type { Registers } from '../storage/registers.ts';

/** Replicas that write the same data, and of which one at a time is listened to. */
export interface Cluster {
  readonly tenant: string;
  readonly source: string;
  /** Value of the cluster label, `''` where it is absent. */
  readonly cluster: string;
}

/** The area of the registers; docs/storage-format.md has their shape. */
export const LEADERS_AREA = 'leaders';

/** A pair that brings nothing for this long is elected anew; its samples could not be read any more either. */
const KEPT_DAYS = 30;

/** Each failure means that another worker wrote; pauses make it unlikely that the same one is always late. */
const MAX_ATTEMPTS = 20;
const MAX_PAUSE_MS = 200;

export interface ElectionsOptions {
  /** Replaced in tests. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Clusters remembered by one worker; what is forgotten costs a read. */
const MAX_REMEMBERED = 1000;

interface Remembered {
  readonly revision: number;
  readonly leadership: Leadership;
}

/** Elects leaders together with all other workers, and remembers what is decided: that never changes. */
export class Elections {
  readonly #registers: Registers;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #random: () => number;
  /** Least recently used first. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(registers: Registers, { sleep = sleepFor, random = Math.random }: ElectionsOptions = {}) {
    this.#registers = registers;
    this.#sleep = sleep;
    this.#random = random;
  }

  /**
   * Who led at the time of each claim, decided durably. Reads and writes only where there is something to decide, or the
   * leader's term needs renewal.
   *
   * @throws StorageUnavailableError
   */
  async decide(cluster: Cluster, claims: readonly Claim[], settings: LeadershipSettings): Promise<Leadership> {
    const key = JSON.stringify([cluster.tenant, cluster.source, cluster.cluster]);
    const sorted = inOrder(claims);
    const known = this.#remembered.get(key);
    if (known !== undefined && decideClaims(known.leadership, sorted, settings) === known.leadership) {
      this.#remember(key, known);
      return known.leadership;
    }
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (attempt > 0) await this.#sleep(this.#random() * Math.min(MAX_PAUSE_MS, 5 * 2 ** attempt));
      // Others may have decided meanwhile, and a read costs a fraction of a write that fails.
      const latest = await this.#read(cluster);
      const leadership = decideClaims(latest.leadership, sorted, settings);
      const isDecided = leadership === latest.leadership;
      if (!isDecided && !(await this.#replace(cluster, latest.revision, leadership))) continue;
      this.#remember(key, { revision: latest.revision + (isDecided ? 0 : 1), leadership });
      return leadership;
    }
    throw new StorageUnavailableError(
      `cannot elect a leader of ${key}: other workers were first ${MAX_ATTEMPTS} times`,
    );
  }

  #remember(key: string, remembered: Remembered): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, remembered);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MAX_REMEMBERED) return;
      this.#remembered.delete(oldest);
    }
  }

  async #read({ tenant, source, cluster }: Cluster): Promise<Remembered> {
    const found = await this.#registers.read<StoredLeadership>(tenant, registerOf(source, cluster));
    if (found === undefined) return { revision: 0, leadership: NO_LEADERSHIP };
    return { revision: found.revision, leadership: fromStored(found.value) };
  }

  #replace({ tenant, source, cluster }: Cluster, revision: number, leadership: Leadership): Promise<boolean> {
    return this.#registers.replace(tenant, registerOf(source, cluster), revision, toStored(leadership), KEPT_DAYS);
  }
}

function registerOf(source: string, cluster: string) {
  return { area: LEADERS_AREA, name: JSON.stringify([source, cluster]) };
}

/** By time; at one time the replica whose name comes first, so that equal claims give equal leaders. */
function inOrder(claims: readonly Claim[]): Claim[] {
  return [...claims].sort((a, b) => a.timestamp - b.timestamp || (a.replica < b.replica ? -1 : 1));
}

type StoredTerm = [replica: string, from: number, until: number];

interface StoredLeadership {
  readonly horizon: number;
  readonly terms: readonly StoredTerm[];
}

function toStored({ horizon, terms }: Leadership): StoredLeadership {
  return { horizon, terms: terms.map(({ replica, from, until }) => [replica, from, until]) };
}

function fromStored({ horizon, terms }: StoredLeadership): Leadership {
  return { horizon, terms: terms.map(([replica, from, until]): Term => ({ replica, from, until })) };
}
