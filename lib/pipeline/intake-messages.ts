import type { TimeSeries } from '../prompb/write-request.ts';
import type { Envelope, QueueMessage } from '../queue/interface.ts';
import { messageIds } from '../storage/message-id.ts';
import { formatIntakeAccount, type IntakeAccount, NO_ACCOUNT } from './intake-account.ts';
import { packMessages } from './pack-messages.ts';

/**
 * The queue messages of one request, or of one scrape: the selected series, and the account in the first. `id` names them
 * all; each message's own adds the number of its part.
 */
export function intakeMessages(
  origin: Omit<Envelope, 'account'>,
  selected: readonly TimeSeries[],
  account: IntakeAccount,
): QueueMessage[] {
  return envelop(origin, packMessages(selected), account);
}

/** The same of bodies that are packed already. */
export function envelop(
  { id, ...origin }: Omit<Envelope, 'account'>,
  bodies: readonly Uint8Array[],
  account: IntakeAccount,
): QueueMessage[] {
  const ids = messageIds(id, bodies);
  return bodies.map((body, part) => ({
    envelope: { id: ids[part] ?? id, ...origin, account: part === 0 ? formatIntakeAccount(account) : NO_ACCOUNT },
    body,
  }));
}
