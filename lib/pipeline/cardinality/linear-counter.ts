import type { MemberHash } from '../../context/member-filter.ts';

const BITS = 8192;

/** Counts distinct members up to some tens of thousands in 1 KB, within a few percent (linear counting). */
export class LinearCounter {
  readonly #bytes = new Uint8Array(BITS / 8);
  #set = 0;

  add({ low }: MemberHash): void {
    const place = (low >>> 0) % BITS;
    const [at, bit] = [place >>> 3, 1 << (place & 7)];
    if (((this.#bytes[at] as number) & bit) !== 0) return;
    this.#bytes[at] = (this.#bytes[at] as number) | bit;
    this.#set++;
  }

  get size(): number {
    return -BITS * Math.log1p(-Math.min(this.#set, BITS - 1) / BITS);
  }
}
