import type { Tenant, Token } from '../context/tenant.ts';
import type { QueueMessage } from '../queue/interface.ts';
import type { Registers, RegistersReader } from '../storage/registers.ts';
import { parseIntakeAccount } from './intake-account.ts';

/** The area of the registers; docs/storage-format.md has their shape. */
export const TOKENS_AREA = 'tokens';

interface StoredUse {
  /** ms */
  readonly lastUsed: number;
}

/** A use within this time of one that is known is not written down: precise enough to see what nobody uses any more. */
const PRECISION_MS = 3600_000;
const KEPT_DAYS = 400;

/** What a request waits for at most when its use is being written: the next one would only find it done. */
const MAX_WAIT_MS = 250;

export interface TokenUsesOptions {
  readonly registers: Registers;
  /** Told of what could not be written; nobody waits for it and nothing fails. */
  readonly log: { warn(message: string, details: { readonly error: Error }): void };
}

/** Writes down when tokens were last used, at most once an hour for each token and instance; never fails a request. */
export class TokenUses {
  readonly #options: TokenUsesOptions;
  /** By tenant and token: the last use that is written, or was tried to be. */
  readonly #known = new Map<string, number>();
  readonly #pending = new Set<Promise<void>>();

  constructor(options: TokenUsesOptions) {
    this.#options = options;
  }

  /** Does not wait: `settled` does. @param at ms */
  note(tenant: Tenant, token: Token, at: number): void {
    const key = JSON.stringify([tenant.name, registerName(token)]);
    if (at - (this.#known.get(key) ?? Number.NEGATIVE_INFINITY) < PRECISION_MS) return;
    this.#known.set(key, at);
    const written = this.#write(tenant.name, registerName(token), at)
      .catch((error: Error) => this.#options.log.warn('cannot write the use of a token', { error }))
      .finally(() => this.#pending.delete(written));
    this.#pending.add(written);
  }

  /** Notes the tokens that messages were sent with: the receiver reaches no table, its messages say it. */
  noteSenders(messages: readonly QueueMessage[], tenants: readonly Tenant[]): void {
    for (const { envelope } of messages) {
      const name = tokenOf(envelope.account);
      if (name === undefined) continue;
      const tenant = tenants.find((one) => one.name === envelope.tenant);
      const token = tenant?.tokens.find((one) => one.name === name);
      if (tenant !== undefined && token !== undefined) this.note(tenant, token, envelope.receivedAt);
    }
  }

  /** Resolves when everything noted is written, or a moment later. */
  async settled(): Promise<void> {
    if (this.#pending.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const tired = new Promise((resolve) => {
      timer = setTimeout(resolve, MAX_WAIT_MS);
    });
    await Promise.race([Promise.all(this.#pending), tired]);
    clearTimeout(timer);
  }

  async #write(tenant: string, name: string, lastUsed: number): Promise<void> {
    const { registers } = this.#options;
    const register = { area: TOKENS_AREA, name };
    const found = await registers.read<StoredUse>(tenant, register);
    if (found !== undefined && lastUsed - found.value.lastUsed < PRECISION_MS) return;
    // Whoever was first wrote the same hour.
    await registers.replace(tenant, register, found?.revision ?? 0, { lastUsed } satisfies StoredUse, KEPT_DAYS);
  }
}

/** When each token of a tenant was last used (ms), exact to the hour; undefined: never, as far as is known. */
export async function lastUses(
  registers: RegistersReader,
  tenant: Tenant,
): Promise<(token: Token) => number | undefined> {
  const found = await registers.list<StoredUse>(tenant.name, TOKENS_AREA);
  const byName = new Map(found.map(({ name, value }) => [name, value.lastUsed]));
  return (token) => byName.get(registerName(token));
}

/** With a part of the hash: a new token of an old name was never used. */
function registerName({ name, sha256 }: Token): string {
  return `${name}/${sha256.slice(0, 16)}`;
}

function tokenOf(account: string): string | undefined {
  try {
    return parseIntakeAccount(account).token;
  } catch {
    return undefined;
  }
}
