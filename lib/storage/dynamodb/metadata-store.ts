import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import { compareStrings } from '../../model/compare-strings.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { DAY_MS } from '../retention-window.ts';
import { decodeItem } from './decode-item.ts';
import { metadataKey, writtenAt, writtenSortKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { contentHash, MAX_PAYLOAD_BYTES, type Table, type TableItem } from './table.ts';

/** Metadata that nobody sends any more is forgotten. */
const KEPT_DAYS = 60;
/** What is older than this is written anew when it is sent again, long before it expires. */
const RENEW_AFTER_MS = 30 * DAY_MS;
/** How long a writer trusts what it knows. */
const KNOWN_FOR_MS = DAY_MS;

interface KnownMetadata {
  readonly since: number;
  /** Variants written and still fresh: two exporters that disagree on a help text do not rewrite it forever. */
  readonly variants: Set<string>;
}

/** Metadata of metric families: small packed items, written when something new is said. */
export class MetadataStore {
  readonly #table: Table;
  readonly #now: () => number;
  readonly #known = new Map<string, KnownMetadata>();

  constructor(table: Table, now: () => number) {
    this.#table = table;
    this.#now = now;
  }

  /** What of this must be written. When the store cannot be read, that is everything. */
  async unknown(tenant: string, metadata: readonly MetricMetadata[]): Promise<MetricMetadata[]> {
    if (metadata.length === 0) return [];
    const { variants } = await this.#knowledge(tenant);
    return metadata.filter((one) => !variants.has(toVariant(one)));
  }

  /** One item, or several where the texts do not fit one. */
  items(tenant: string, metadata: readonly MetricMetadata[]): TableItem[] {
    if (metadata.length === 0) return [];
    const now = this.#now();
    const payload = encodeJsonBlock('metadata', metadata.map(toVariantOrder));
    if (payload.length > MAX_PAYLOAD_BYTES && metadata.length > 1) {
      const middle = metadata.length >>> 1;
      return [metadata.slice(0, middle), metadata.slice(middle)].flatMap((half) => this.items(tenant, half));
    }
    return [
      {
        pk: metadataKey(tenant),
        sk: writtenSortKey(now, contentHash(payload)),
        payload,
        ttlSeconds: Math.ceil((now + KEPT_DAYS * DAY_MS) / 1000),
      },
    ];
  }

  /** Call it only when the items are durable. */
  markKnown(tenant: string, metadata: readonly MetricMetadata[]): void {
    const variants = this.#known.get(tenant)?.variants;
    for (const one of metadata) variants?.add(toVariant(one));
  }

  /** All metadata of a tenant by family, sorted; of several variants the one written last. */
  async read(tenant: string): Promise<MetricMetadata[]> {
    const byFamily = new Map<string, MetricMetadata>();
    for await (const { metadata } of this.#blocks(tenant)) {
      for (const one of metadata) byFamily.set(one.metricFamilyName, one);
    }
    return [...byFamily.values()].sort((a, b) => compareStrings(a.metricFamilyName, b.metricFamilyName));
  }

  /** Reading costs a small part of writing the same again, so a new process first looks what is there. */
  async #knowledge(tenant: string): Promise<KnownMetadata> {
    const now = this.#now();
    const known = this.#known.get(tenant);
    if (known !== undefined && now - known.since < KNOWN_FOR_MS) return known;
    const fresh: KnownMetadata = { since: now, variants: new Set() };
    try {
      for await (const { writtenMs, metadata } of this.#blocks(tenant)) {
        if (now - writtenMs < RENEW_AFTER_MS) for (const one of metadata) fresh.variants.add(toVariant(one));
      }
    } catch {
      // Not knowing only means that metadata is written once more; if the table is out of reach, that write will say so.
      fresh.variants.clear();
    }
    this.#known.set(tenant, fresh);
    return fresh;
  }

  async *#blocks(tenant: string): AsyncGenerator<{ writtenMs: number; metadata: MetricMetadata[] }> {
    const pk = metadataKey(tenant);
    for await (const items of readItems(this.#table, { pk, now: this.#now() })) {
      for (const item of items) {
        const metadata = decodeItem(pk, item, (payload) => decodeJsonBlock('metadata', payload)) as MetricMetadata[];
        yield { writtenMs: writtenAt(item.sk), metadata };
      }
    }
  }
}

function toVariant(metadata: MetricMetadata): string {
  return JSON.stringify(toVariantOrder(metadata));
}

/** The fields in one order, and no others. */
function toVariantOrder({ metricFamilyName, type, help, unit }: MetricMetadata): MetricMetadata {
  return { metricFamilyName, type, help, unit };
}
