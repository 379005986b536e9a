import { type DropExample, newTally, type Tally } from '../storage/ledger.ts';

/**
 * What the receiver already knows of a request: its part of the ledger entry that the worker completes. Only the first
 * message of a request carries it, so that a request is counted once however many messages it fills.
 */
export interface IntakeAccount {
  readonly tally: Tally;
  readonly examples: readonly DropExample[];
  /** Name of the token that the request came with; absent where we fetched the samples ourselves. */
  readonly token?: string;
  /** From the arrival of the request to this account; absent where it is not known, or nothing. */
  readonly ms?: number;
}

/** The account of every message of a request but the first. */
export const NO_ACCOUNT = '{}';

/** JSON without what is zero or empty; SQS counts every byte. */
export function formatIntakeAccount({ tally, examples, token, ms = 0 }: IntakeAccount): string {
  const counted = Object.entries(tally).filter(([, count]) =>
    typeof count === 'number' ? count !== 0 : Object.keys(count).length > 0,
  );
  return JSON.stringify({
    ...(counted.length > 0 ? { tally: Object.fromEntries(counted) } : {}),
    ...(examples.length > 0 ? { examples } : {}),
    ...(token === undefined ? {} : { token }),
    ...(ms > 0 ? { ms } : {}),
  });
}

/**
 * Reads what `formatIntakeAccount` wrote; what it left out is zero.
 * @throws Error when the text is no such account.
 */
export function parseIntakeAccount(text: string): IntakeAccount {
  try {
    const {
      tally = {},
      examples = [],
      token,
      ms,
    } = JSON.parse(text) as Partial<{
      tally: Partial<Tally>;
      examples: DropExample[];
      token: string;
      ms: number;
    }>;
    if (!Array.isArray(examples)) throw new Error('its examples are no list');
    return {
      tally: { ...newTally(), ...tally },
      examples,
      ...(typeof token === 'string' && { token }),
      ...(typeof ms === 'number' && { ms }),
    };
  } catch (error) {
    throw new Error(
      `cannot read the intake account ${JSON.stringify(text.slice(0, 200))}: ${(error as Error).message}`,
    );
  }
}
