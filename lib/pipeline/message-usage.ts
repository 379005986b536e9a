import type { Source } from '../context/tenant.ts';
import type { QueueMessage } from '../queue/interface.ts';
import type { LedgerEntry } from '../storage/ledger.ts';
import { newUsage, type UsageByWork } from '../storage/usage.ts';
import type { IntakeAccount } from './intake-account.ts';
import type { UsageBook } from './usage-book.ts';

/** SQS bills each started 64 KB as a request. */
const REQUEST_BYTES = 64 * 1024;

/** Names and types of a message's attributes and all values but the account. */
const ATTRIBUTE_BYTES = 300;

/** Messages that the event source mapping receives, and deletes, with one request at best. */
const RECEIVED_AT_ONCE = 10;

/** What the door waits for the queue when the account is written already, seconds. */
const SENDING_SECONDS = 0.025;

/**
 * What a message took before the worker had it, and what receiving and deleting it takes. Only the first message of a
 * request says who sent it and what that took.
 */
export function messageUsage(
  { envelope, body }: QueueMessage,
  { token, ms = 0 }: IntakeAccount,
  type: Source['type'],
): UsageByWork {
  const bytes = Math.ceil(body.length / 3) * 4 + Buffer.byteLength(envelope.account) + ATTRIBUTE_BYTES;
  const received = Math.max(bytes / REQUEST_BYTES, 1 / RECEIVED_AT_ONCE) + 1 / RECEIVED_AT_ONCE;
  const sent = { ...newUsage(), queueRequests: Math.ceil(bytes / REQUEST_BYTES) };
  const request = { requests: 1, invocations: 1, seconds: ms / 1000 + SENDING_SECONDS };
  return {
    ...(type === 'federation'
      ? { federation: sent }
      : { remoteWrite: { ...sent, ...(token !== undefined && request) } }),
    contextualize: { ...newUsage(), queueRequests: received },
  };
}

/**
 * Entries of one commit, of which the first carries what the commit took of the table and its part of the invocation.
 *
 * @param part of the invocation, and of the time that passed since `began` (as `performance.now` tells it)
 */
export function withCommitUsage(
  entries: readonly LedgerEntry[],
  tenant: string,
  { book, part, began }: { readonly book: UsageBook | undefined; readonly part: number; readonly began: number },
): readonly LedgerEntry[] {
  const [first, ...others] = entries;
  if (book === undefined || first === undefined) return entries;
  const seconds = ((performance.now() - began) / 1000) * part;
  return [{ ...first, commit: book.take(tenant, { invocations: part, seconds }) }, ...others];
}
