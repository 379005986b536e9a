import type { Tenant } from '../context/tenant.ts';

/** How much may come at once after a pause, in seconds of the rate: senders come in bursts, once a batch is full. */
const BURST_SECONDS = 10;

/** A sender that is far over its rate asks again after this at the latest: it may have calmed down meanwhile. */
const MAX_WAIT_SECONDS = 30;

interface Bucket {
  /** Samples that may still be taken; below zero: what was taken ahead of its time. */
  balance: number;
  /** When `balance` was right, ms. */
  at: number;
}

/**
 * Bounds the samples that this instance takes from each tenant in a second: one bucket of tokens a tenant. A request is let
 * in while anything is left, whatever its size, and is charged afterwards, when its size is known: so a request that is
 * larger than the bucket is taken once, not refused for ever, and one that must wait costs no decoding.
 */
export class RateLimits {
  readonly #now: () => number;
  readonly #buckets = new WeakMap<Tenant, Bucket>();

  /** @param now ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whole seconds until the tenant may send again; 0: now. */
  wait(tenant: Tenant): number {
    const rate = tenant.limits.maxSamplesPerSecond;
    if (rate === undefined) return 0;
    const { balance } = this.#filled(tenant, rate);
    return balance > 0 ? 0 : Math.min(MAX_WAIT_SECONDS, Math.floor(-balance / rate) + 1);
  }

  /** Counts samples that were taken; a negative number gives back what was not taken after all. */
  charge(tenant: Tenant, samples: number): void {
    const rate = tenant.limits.maxSamplesPerSecond;
    if (rate === undefined) return;
    const bucket = this.#filled(tenant, rate);
    bucket.balance = Math.min(bucket.balance - samples, rate * BURST_SECONDS);
  }

  /** The bucket as of now. A clock that goes back adds nothing and takes nothing away. */
  #filled(tenant: Tenant, rate: number): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(tenant) ?? { balance: rate * BURST_SECONDS, at: now };
    this.#buckets.set(tenant, bucket);
    const gained = (Math.max(0, now - bucket.at) / 1000) * rate;
    bucket.balance = Math.min(bucket.balance + gained, rate * BURST_SECONDS);
    bucket.at = now;
    return bucket;
  }
}
