import { StorageUnavailableError } from '../storage/errors.ts';
import type { Appendable, RefusedSeries } from '../storage/interface.ts';
import { type AppendedMessage, appendMessage, appendMetadata, appendPart } from './append-message.ts';
import type { Mapped, PreparedMessage } from './prepare-message.ts';

/** To find one series of a thousand takes twenty; whose faults need more than this are no faults of series. */
const MAX_FAILED_COMMITS = 200;

/**
 * Makes all that can be stored of a tenant's messages durable, and resolves with what was, message by message. Series that
 * the store refuses are left out. Where the commit of a single message fails, the series at fault are searched and left
 * out, and all else is committed.
 *
 * @throws StorageUnavailableError; of several messages, also whatever one of them makes a commit fail with: each can be
 * committed alone.
 */
export async function commitMessages(
  tenant: string,
  messages: readonly PreparedMessage[],
  storage: Appendable,
): Promise<readonly AppendedMessage[]> {
  const appender = storage.appender(tenant, 'normalised');
  const appended = messages.map((message) => appendMessage(message, appender));
  const exceptions = { refused: new Map<string, RefusedSeries>(), failing: new Map<Mapped, Error>() };
  try {
    const { refused = [] } = await appender.commit();
    for (const one of refused) exceptions.refused.set(one.labels.key, one);
  } catch (error) {
    const [message, ...others] = messages;
    if (message === undefined || others.length > 0 || error instanceof StorageUnavailableError) throw error;
    await new Search(tenant, message, storage, exceptions).run(error as Error);
  }
  if (exceptions.refused.size === 0 && exceptions.failing.size === 0) return appended;
  // What is appended here was committed above: it is only counted.
  const counting = storage.appender(tenant, 'normalised');
  return messages.map((message) => appendMessage(message, counting, exceptions));
}

/** Commits the series of one message in ever smaller parts, until those are alone that no commit can take. */
class Search {
  readonly #tenant: string;
  readonly #message: PreparedMessage;
  readonly #storage: Appendable;
  readonly #found: { readonly refused: Map<string, RefusedSeries>; readonly failing: Map<Mapped, Error> };
  #failures = 0;

  constructor(
    tenant: string,
    message: PreparedMessage,
    storage: Appendable,
    found: { readonly refused: Map<string, RefusedSeries>; readonly failing: Map<Mapped, Error> },
  ) {
    this.#tenant = tenant;
    this.#message = message;
    this.#storage = storage;
    this.#found = found;
  }

  /** @param error of the commit of all of them. */
  async run(error: Error): Promise<void> {
    const appender = this.#storage.appender(this.#tenant, 'normalised');
    appendMetadata(this.#message, appender);
    await appender.commit();
    await this.#divide(this.#message.mapped, error);
  }

  async #divide(part: readonly Mapped[], error: Error): Promise<void> {
    const [first, ...others] = part;
    if (first === undefined) throw error;
    if (others.length === 0) {
      this.#found.failing.set(first, error);
      return;
    }
    const middle = part.length >>> 1;
    await this.#commit(part.slice(0, middle));
    await this.#commit(part.slice(middle));
  }

  async #commit(part: readonly Mapped[]): Promise<void> {
    const appender = this.#storage.appender(this.#tenant, 'normalised');
    appendPart(this.#message, part, appender);
    try {
      const { refused = [] } = await appender.commit();
      for (const one of refused) this.#found.refused.set(one.labels.key, one);
    } catch (error) {
      if (error instanceof StorageUnavailableError || ++this.#failures >= MAX_FAILED_COMMITS) throw error;
      await this.#divide(part, error as Error);
    }
  }
}
