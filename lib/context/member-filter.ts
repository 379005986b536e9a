import type { SeriesIdentity } from '../storage/series-identity.ts';

/** Where a member stands in a filter follows from 64 bits of its hash. */
export type MemberHash = Pick<SeriesIdentity, 'high' | 'low'>;

/** With as many places set one in two thousand strangers is taken for a member when the filter is full. */
const BITS_PER_MEMBER = 16;
const PLACES = 8;

/** Bytes of a filter for so many members. */
export function filterBytes(capacity: number): number {
  return Math.max(8, Math.ceil((capacity * BITS_PER_MEMBER) / 8));
}

/** A set of members in two bytes each: a Bloom filter. It knows every member, and a few strangers too. */
export class MemberFilter {
  readonly #bytes: Uint8Array;
  #set: number;

  /** Owns `bytes` from now on. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#set = bytes.reduce((sum, byte) => sum + onesOf(byte), 0);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** How many members it has, estimated from how full it is; within some 2 %. */
  get size(): number {
    const bits = this.#bytes.length * 8;
    return (-bits / PLACES) * Math.log1p(-Math.min(this.#set, bits - 1) / bits);
  }

  has(member: MemberHash): boolean {
    for (let i = 0; i < PLACES; i++) {
      const place = this.#place(member, i);
      if (((this.#bytes[place >>> 3] as number) & (1 << (place & 7))) === 0) return false;
    }
    return true;
  }

  add(member: MemberHash): void {
    for (let i = 0; i < PLACES; i++) {
      const place = this.#place(member, i);
      const [at, bit] = [place >>> 3, 1 << (place & 7)];
      if (((this.#bytes[at] as number) & bit) !== 0) continue;
      this.#bytes[at] = (this.#bytes[at] as number) | bit;
      this.#set++;
    }
  }

  /** The members of both; filters of one size only. */
  union(other: MemberFilter): MemberFilter {
    if (other.#bytes.length !== this.#bytes.length)
      throw new Error('BUG: filters of different sizes were put together');
    return new MemberFilter(this.#bytes.map((byte, i) => byte | (other.#bytes[i] as number)));
  }

  /** The second hash is odd, so that places do not repeat early. */
  #place({ high, low }: MemberHash, i: number): number {
    return (((high >>> 0) + i * ((low | 1) >>> 0)) >>> 0) % (this.#bytes.length * 8);
  }
}

function onesOf(byte: number): number {
  let ones = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}
