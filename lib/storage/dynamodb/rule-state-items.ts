import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import { DAY_MS } from '../retention-window.ts';
import type { RevisedState } from '../rule-state.ts';
import { ruleStateKey } from './keys.ts';
import { contentHash, MAX_PAYLOAD_BYTES, type TableItem } from './table.ts';

/** The item whose `rev` decides who wins. */
export const HEAD_SORT_KEY = 'head';

/** A tenant whose rules were not evaluated for this long begins anew. */
const KEPT_DAYS = 30;

/** A state as items: one, or for very many alerts one that names the others, which are written before it. */
export interface StateItems {
  readonly head: TableItem;
  readonly parts: readonly TableItem[];
}

/** What the block of the head holds: all, or the names of the parts in their order, which is that of their keys. */
export type Head = { readonly revised: RevisedState } | { readonly parts: readonly string[] };

export function toStateItems(tenant: string, revised: RevisedState, now: number): StateItems {
  const pk = ruleStateKey(tenant);
  const ttlSeconds = Math.ceil((now + KEPT_DAYS * DAY_MS) / 1000);
  const item = (sk: string, payload: Uint8Array): TableItem => ({ pk, sk, payload, ttlSeconds });
  const whole = encodeJsonBlock('ruleState', { revised } satisfies Head);
  if (whole.length <= MAX_PAYLOAD_BYTES) return { head: item(HEAD_SORT_KEY, whole), parts: [] };
  const count = Math.ceil(whole.length / MAX_PAYLOAD_BYTES);
  const parts = Array.from({ length: count }, (_, i) => {
    const bytes = whole.subarray(i * MAX_PAYLOAD_BYTES, (i + 1) * MAX_PAYLOAD_BYTES);
    // The revision keeps apart what two evaluators write side by side, and the order keeps the parts apart.
    return item(`part#${revised.revision}#${String(i).padStart(4, '0')}#${contentHash(bytes)}`, bytes);
  });
  const head = encodeJsonBlock('ruleState', { parts: parts.map(({ sk }) => sk) } satisfies Head);
  return { head: item(HEAD_SORT_KEY, head), parts };
}

/** @throws CorruptBlockError */
export function openHead(payload: Uint8Array): Head {
  return decodeJsonBlock('ruleState', payload) as Head;
}

/** @throws CorruptBlockError, or Error where a part is missing. */
export function joinParts(names: readonly string[], items: ReadonlyMap<string, Uint8Array>): RevisedState {
  const parts = names.map((sk) => {
    const part = items.get(sk);
    if (part === undefined) throw new Error(`cannot read the state of rules: its part ${sk} is missing`);
    return part;
  });
  return (decodeJsonBlock('ruleState', Buffer.concat(parts)) as { readonly revised: RevisedState }).revised;
}
