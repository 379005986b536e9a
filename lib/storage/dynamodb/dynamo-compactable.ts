import { randomBytes } from 'node:crypto';
import type { Compactable, Compactor } from '../compactor.ts';
import type { RetentionClass } from '../interface.ts';
import { retentionOf } from '../retention-window.ts';
import { seriesIdentity } from '../series-identity.ts';
import { DynamoCompactor } from './dynamo-compactor.ts';
import { escapeTenant } from './keys.ts';
import { KEEP_REPLACED_MS } from './read-leftovers.ts';
import { type StoreOptions, shardsOf } from './store-options.ts';
import { openTable } from './table.ts';

export interface DynamoCompactableOptions extends StoreOptions {
  /** Samples taken into memory at once; some 32 bytes each. Default 12 million. */
  readonly sliceSamples?: number;
  /** How long replaced chunks stay for queries that have begun, ms. Default `KEEP_REPLACED_MS`. */
  readonly keepReplacedMs?: number;
  /** A name that was never returned before; only tests replace it. */
  readonly newRun?: () => string;
}

const DEFAULT_SLICE_SAMPLES = 12_000_000;

/** The store for who compacts it. */
export class DynamoCompactable implements Compactable {
  readonly #options: DynamoCompactableOptions;

  constructor(options: DynamoCompactableOptions) {
    shardsOf(options);
    this.#options = options;
  }

  compactor(tenant: string, retentionClass: RetentionClass): Compactor {
    escapeTenant(tenant);
    const { retention, now, identify = seriesIdentity, newRun = randomRun } = this.#options;
    const { sliceSamples = DEFAULT_SLICE_SAMPLES, keepReplacedMs = KEEP_REPLACED_MS } = this.#options;
    return new DynamoCompactor({
      table: openTable(this.#options),
      tenant,
      retentionClass,
      retention: retentionOf(retention, tenant),
      now,
      shards: shardsOf(this.#options),
      identify,
      newRun,
      sliceSamples,
      keepReplacedMs,
    });
  }
}

function randomRun(): string {
  return randomBytes(9).toString('base64url');
}
