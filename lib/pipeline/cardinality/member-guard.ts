import { filterBytes, MemberFilter, type MemberHash } from '../../context/member-filter.ts';
import { StorageUnavailableError } from '../../storage/errors.ts';
import type { Registers } from '../../storage/registers.ts';
import { DAY_MS } from '../../storage/retention-window.ts';
import { type Generations, generationMsOf } from './generations.ts';

/** The members of one metric, and how many there may be. */
export interface GuardedMetric {
  readonly tenant: string;
  readonly metric: string;
  readonly budget: number;
}

export interface MemberGuardOptions extends Generations {
  readonly registers: Registers;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The area of the registers; docs/storage-format.md has their shape. */
export const MEMBERS_AREA = 'members';

/** Members of one register: some 16 KB with both generations, so an admission writes 16 units at most. */
const SHARD_MEMBERS = 4096;

/** A full register is read again this often, ms: places may have been freed, or the budget is another one. */
const REREAD_MS = 60_000;

/** Members of the last generation that are seen again are written down together. */
const MAX_UNWRITTEN = 256;
const MAX_UNWRITTEN_MS = 5 * 60_000;

const MAX_ATTEMPTS = 20;

/** No generation. */
const UNSURE = -1;

interface Shard {
  revision: number;
  generation: number;
  /** Seen in this generation. */
  current: MemberFilter;
  /** Seen in this generation or the last one: the members. */
  known: MemberFilter;
  readAt: number;
  /** Seen again and not written down yet. */
  unwritten: MemberHash[];
  unwrittenSince: number;
}

/** What a register holds. */
interface StoredShard {
  readonly generation: number;
  /** Base64. */
  readonly current: string;
  readonly last: string;
}

/**
 * Which members of a metric were admitted, known to all workers: filters in registers, sharded by hash. Every admission
 * is a compare-and-swap on the count it was decided by, so workers together admit what one would. A filter takes a few
 * strangers for members (some five in ten thousand), and shards fill unevenly (a few percent).
 */
export class MemberGuard {
  readonly #options: MemberGuardOptions;
  readonly #metric: GuardedMetric;
  readonly #shards = new Map<number, Shard>();
  readonly #shardCount: number;
  readonly #capacity: number;
  readonly #generationMs: number;

  constructor(metric: GuardedMetric, options: MemberGuardOptions) {
    this.#metric = metric;
    this.#options = options;
    this.#generationMs = generationMsOf(options, metric.tenant);
    this.#shardCount = Math.max(1, Math.round(metric.budget / SHARD_MEMBERS));
    this.#capacity = metric.budget / this.#shardCount;
  }

  /** Bytes of filters in memory. */
  get bytes(): number {
    return this.#shards.size * 2 * filterBytes(this.#capacity);
  }

  /**
   * Admits members as long as there is room.
   *
   * @returns those that are refused
   * @throws StorageUnavailableError
   */
  async admit<T extends MemberHash>(members: readonly T[]): Promise<readonly T[]> {
    const byShard = new Map<number, T[]>();
    for (const member of members) {
      const shard = ((member.low ^ (member.high >>> 7)) >>> 0) % this.#shardCount;
      const group = byShard.get(shard);
      if (group === undefined) byShard.set(shard, [member]);
      else group.push(member);
    }
    const refused = await Promise.all([...byShard].map(([shard, group]) => this.#admitTo(shard, group)));
    return refused.flat();
  }

  async #admitTo<T extends MemberHash>(name: number, members: readonly T[]): Promise<readonly T[]> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const shard = await this.#shard(name, attempt > 0);
      const strangers = members.filter((member) => !shard.known.has(member));
      this.#noteSeenAgain(shard, members);
      const hasRoom = shard.known.size < this.#capacity;
      if (strangers.length === 0 || !hasRoom) {
        if (this.#isWorthWriting(shard)) await this.#write(name, shard);
        return strangers;
      }
      const refused: T[] = [];
      for (const stranger of strangers) {
        if (shard.known.size >= this.#capacity) refused.push(stranger);
        else {
          shard.known.add(stranger);
          shard.current.add(stranger);
        }
      }
      if (await this.#write(name, shard)) return refused;
    }
    throw new StorageUnavailableError(
      `cannot admit members of ${this.#metric.metric}: other workers were first ${MAX_ATTEMPTS} times`,
    );
  }

  /** What is known of a shard, read where it is not known, or full for a while. */
  async #shard(name: number, isStale: boolean): Promise<Shard> {
    const now = this.#options.now();
    const generation = Math.floor(now / this.#generationMs);
    const held = this.#shards.get(name);
    if (held !== undefined && !isStale && held.generation === generation) {
      if (held.known.size < this.#capacity || now - held.readAt < REREAD_MS) return held;
    }
    const read = await this.#read(name, generation, now);
    // What was seen and is not written down must not be lost with the old copy.
    for (const member of held?.unwritten ?? []) {
      if (read.known.has(member)) read.current.add(member);
    }
    read.unwritten = held?.unwritten ?? [];
    read.unwrittenSince = held?.unwrittenSince ?? now;
    this.#shards.set(name, read);
    return read;
  }

  async #read(name: number, generation: number, now: number): Promise<Shard> {
    const found = await this.#options.registers.read<StoredShard>(this.#metric.tenant, this.#register(name));
    const empty = () => new MemberFilter(new Uint8Array(filterBytes(this.#capacity)));
    const filter = (text: string) => new MemberFilter(new Uint8Array(Buffer.from(text, 'base64')));
    const age = found === undefined ? Number.POSITIVE_INFINITY : generation - found.value.generation;
    const current = found !== undefined && age <= 0 ? filter(found.value.current) : empty();
    const last = found === undefined || age > 1 ? empty() : filter(age === 1 ? found.value.current : found.value.last);
    const unwritten: MemberHash[] = [];
    const revision = found?.revision ?? 0;
    return { revision, generation, current, known: current.union(last), readAt: now, unwritten, unwrittenSince: now };
  }

  #noteSeenAgain(shard: Shard, members: readonly MemberHash[]): void {
    for (const member of members) {
      if (!shard.known.has(member) || shard.current.has(member)) continue;
      if (shard.unwritten.length === 0) shard.unwrittenSince = this.#options.now();
      shard.current.add(member);
      shard.unwritten.push({ high: member.high, low: member.low });
    }
  }

  #isWorthWriting({ unwritten, unwrittenSince }: Shard): boolean {
    if (unwritten.length === 0) return false;
    return unwritten.length >= MAX_UNWRITTEN || this.#options.now() - unwrittenSince >= MAX_UNWRITTEN_MS;
  }

  /** Tells whether it was written; else others were first, and what is held here is no longer true. */
  async #write(name: number, shard: Shard): Promise<boolean> {
    const { registers } = this.#options;
    const { revision, generation, current, known } = shard;
    const base64 = (filter: MemberFilter) => Buffer.from(filter.bytes).toString('base64');
    // The members of both generations stand for those of the last: what is in both is in neither way missed.
    const value: StoredShard = { generation, current: base64(current), last: base64(known) };
    const days = Math.ceil((3 * this.#generationMs) / DAY_MS) + 1;
    // Until it is known to be written this copy may be wrong, and is read again before it is used.
    shard.generation = UNSURE;
    const done = await registers.replace(this.#metric.tenant, this.#register(name), revision, value, days);
    if (!done) return false;
    Object.assign(shard, { generation, revision: revision + 1, unwritten: [] });
    return true;
  }

  #register(shard: number) {
    const { metric, budget } = this.#metric;
    return { area: MEMBERS_AREA, name: JSON.stringify([metric, budget, shard]) };
  }
}
