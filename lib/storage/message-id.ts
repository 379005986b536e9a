import { createHash } from 'node:crypto';
import type { LedgerEntry } from './ledger.ts';

/** A message's name, taken apart. */
interface MessageName {
  /** Names the request, or the scrape, that the message is a part of; the same when its sender repeats it. */
  readonly request: string;
  /** Names the way in which the request was cut into parts; empty where it is one message. */
  readonly split: string;
  /** How many parts that way has. */
  readonly parts: number;
  /** It holds what was set aside of a part, which was counted as dropped, and takes that back. */
  readonly isAside: boolean;
}

/**
 * Names the messages of one request by their bodies. A request that is repeated after a failure may be cut elsewhere,
 * because other series are remembered by then; so the name of a part also says of which way to cut it is a part.
 * `REQUEST-0`, or `REQUEST-PART.PARTS.SPLIT`.
 */
export function messageIds(request: string, bodies: readonly Uint8Array[]): readonly string[] {
  if (bodies.length === 1) return [`${request}-0`];
  const sizes = bodies.map(({ length }) => length).join();
  const split = createHash('sha256').update(sizes).digest('hex').slice(0, 8);
  return bodies.map((_, part) => `${request}-${part}.${bodies.length}.${split}`);
}

/** Names the message of what was set aside of another; of what is set aside of that again, another one. */
export function asideId(id: string): string {
  return `${id}-aside`;
}

/**
 * Leaves of every request the parts of one way to cut it: samples that were queued twice, in different parts, are stored
 * once and are to be counted once. A way whose parts are all there counts before others, then the one received last:
 * that is the one which was answered with success.
 *
 * @param entries each id once.
 */
export function withoutStaleParts(entries: Iterable<LedgerEntry>): LedgerEntry[] {
  const splits = new Map<string, Map<string, Split>>();
  const kept: LedgerEntry[] = [];
  for (const entry of entries) {
    const name = parse(entry.id);
    if (name === undefined) kept.push(entry);
    else add(splits, name, entry);
  }
  for (const ofRequest of splits.values()) kept.push(...[...ofRequest.values()].reduce(better).entries);
  return kept;
}

interface Split extends Omit<MessageName, 'isAside'> {
  readonly entries: LedgerEntry[];
  /** Parts that are there. */
  present: number;
  lastReceived: number;
}

function add(splits: Map<string, Map<string, Split>>, name: MessageName, entry: LedgerEntry): void {
  const key = `${entry.source}\0${name.request}`;
  const ofRequest = splits.get(key) ?? new Map<string, Split>();
  splits.set(key, ofRequest);
  const split = ofRequest.get(name.split) ?? { ...name, entries: [], present: 0, lastReceived: 0 };
  ofRequest.set(name.split, split);
  split.entries.push(entry);
  if (!name.isAside) split.present++;
  split.lastReceived = Math.max(split.lastReceived, entry.timestamp);
}

function better(a: Split, b: Split): Split {
  const [isA, isB] = [isComplete(a), isComplete(b)];
  if (isA !== isB) return isA ? a : b;
  if (a.lastReceived !== b.lastReceived) return a.lastReceived > b.lastReceived ? a : b;
  return a.split > b.split ? a : b;
}

function isComplete({ present, parts }: Split): boolean {
  return present >= parts;
}

/** Undefined for what `messageIds` did not name. */
function parse(id: string): MessageName | undefined {
  const [, request, , parts = '1', split = '', aside = ''] =
    /^(.+)-(\d+)(?:\.(\d+)\.([0-9a-f]{8}))?((?:-aside)*)$/.exec(id) ?? [];
  return request === undefined ? undefined : { request, split, parts: Number(parts), isAside: aside !== '' };
}
