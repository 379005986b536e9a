import type { QueueMessage } from '../queue/interface.ts';
import { StorageUnavailableError } from '../storage/errors.ts';
import type { Appendable } from '../storage/interface.ts';
import type { LedgerEntry, LedgerRecorder } from '../storage/ledger.ts';
import type { AppendedMessage } from './append-message.ts';
import { commitMessages } from './commit-messages.ts';
import { messageUsage, withCommitUsage } from './message-usage.ts';
import { type PrepareDependencies, type PreparedMessage, prepareMessage } from './prepare-message.ts';
import { setAsideError, setAsideMessage } from './set-aside-message.ts';
import type { UsageBook } from './usage-book.ts';

export interface ContextualizeDependencies extends PrepareDependencies {
  readonly storage: Appendable;
  readonly ledger: LedgerRecorder;
  /** Absent: series that cannot be stored are counted and shown, and lost. */
  readonly deadLetters?: { setAside(message: QueueMessage, error: Error): Promise<void> };
  /** Absent: nobody counts what messages take of AWS. */
  readonly usage?: UsageBook;
}

/** A message that was not processed and must be delivered again. */
export interface FailedMessage {
  readonly message: QueueMessage;
  readonly error: Error;
}

/**
 * Turns queued raw samples into contextualized ones and stores them: decode, contextualize, append; one commit for each
 * tenant, and only then the account of what became of every sample. All of it is idempotent, so a message may be
 * delivered any number of times. One message's fault never fails another's, and one series' fault only that series.
 */
export async function contextualizeMessages(
  messages: readonly QueueMessage[],
  dependencies: ContextualizeDependencies,
): Promise<readonly FailedMessage[]> {
  const groups = [...groupByTenant(messages)];
  const part = 1 / groups.length;
  const failures = await Promise.all(
    groups.map(([tenant, group]) => contextualizeTenant(tenant, group, dependencies, part)),
  );
  return failures.flat();
}

function groupByTenant(messages: readonly QueueMessage[]): Map<string, QueueMessage[]> {
  const groups = new Map<string, QueueMessage[]>();
  for (const message of messages) {
    const group = groups.get(message.envelope.tenant);
    if (group === undefined) groups.set(message.envelope.tenant, [message]);
    else group.push(message);
  }
  return groups;
}

/** @param part of the invocation that is these messages' */
async function contextualizeTenant(
  tenantName: string,
  messages: readonly QueueMessage[],
  dependencies: ContextualizeDependencies,
  part: number,
): Promise<readonly FailedMessage[]> {
  const began = performance.now();
  const failures: FailedMessage[] = [];
  const prepared: PreparedMessage[] = [];
  for (const message of messages) {
    try {
      prepared.push(await prepareMessage(message, dependencies));
    } catch (error) {
      failures.push({ message, error: asError(error) });
    }
  }
  try {
    const appended = await commitMessages(tenantName, prepared, dependencies.storage);
    const entries = prepared.map((one, i) => entryOf(one, appended[i] as AppendedMessage, dependencies));
    await Promise.all(prepared.map((one, i) => bury(one, appended[i] as AppendedMessage, dependencies)));
    const accounts = withCommitUsage(entries, tenantName, { book: dependencies.usage, part, began });
    await dependencies.ledger.record(tenantName, accounts);
  } catch (error) {
    const processed = prepared.map(({ message }) => message);
    failures.push(...(await failedCommit(tenantName, processed, asError(error), dependencies, part)));
  }
  return failures;
}

/**
 * While the store is out of reach all have to come again. Any other error is that of some message: each then has a commit
 * of its own, so that the one at fault does not hold back the others. What was written already is written again.
 */
async function failedCommit(
  tenantName: string,
  messages: readonly QueueMessage[],
  error: Error,
  dependencies: ContextualizeDependencies,
  part: number,
): Promise<readonly FailedMessage[]> {
  if (error instanceof StorageUnavailableError || messages.length === 1) {
    return messages.map((message) => ({ message, error }));
  }
  const failures: FailedMessage[] = [];
  const own = part / messages.length;
  for (const message of messages) {
    failures.push(...(await contextualizeTenant(tenantName, [message], dependencies, own)));
  }
  return failures;
}

function entryOf(
  { message, source, intake }: PreparedMessage,
  { tally, examples }: AppendedMessage,
  { usage: book }: ContextualizeDependencies,
): LedgerEntry {
  const { id, receivedAt } = message.envelope;
  const usage = book && { usage: messageUsage(message, intake, source.type) };
  return { id, source: source.name, timestamp: receivedAt, tally, examples, ...usage };
}

/** What a fault of ours kept out of the store waits among the dead letters, durably before it is counted as dropped. */
async function bury(
  { message, source }: PreparedMessage,
  { aside }: AppendedMessage,
  { deadLetters }: ContextualizeDependencies,
): Promise<void> {
  if (aside.length === 0) return;
  await deadLetters?.setAside(setAsideMessage(message, source, aside), setAsideError(aside));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
