import { printableText } from '../pipeline/printable.ts';
import type { WaitingLetter } from '../queue/dead-letter-reader.ts';
import { failureOf } from '../queue/failure.ts';
import { ApiError } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';

/** What no worker could process of one tenant. Times in ms. */
export interface DeadLettersStatus {
  /** Of those that were looked at. */
  readonly count: number;
  /** False where there may be more: so many letters are looked at, of all tenants together. */
  readonly isComplete: boolean;
  /** When the first of them became one. */
  readonly oldest?: number;
  /** Most letters first. */
  readonly errors: readonly DeadLetterError[];
}

export interface DeadLetterError {
  readonly error: string;
  readonly count: number;
  readonly oldest: number;
  /** Sources whose messages these are, by name. */
  readonly sources: readonly string[];
}

const MAX_ERRORS = 20;
const MAX_ERROR_LENGTH = 300;

const NO_ERROR = 'no error is recorded: the function was ended (time, memory) before it could tell one';

/** `GET /api/v1/status/dead-letters`: what no worker could process, and why. Not part of Prometheus's API. */
export async function statusDeadLetters({ tenant }: Call, dependencies: ApiDependencies): Promise<Answer> {
  const { isComplete, ...status } = await deadLettersStatus(tenant.name, dependencies);
  return { data: (out) => out.write(JSON.stringify({ now: dependencies.now(), complete: isComplete, ...status })) };
}

/** @throws QueueUnavailableError, ApiError where there is no such queue */
export async function deadLettersStatus(
  tenant: string,
  { deadLetters }: Pick<ApiDependencies, 'deadLetters'>,
): Promise<DeadLettersStatus> {
  if (deadLetters === undefined) throw new ApiError('not_found', 'this server has no queue of dead letters');
  const { letters, isComplete } = await deadLetters.look();
  const own = letters.filter(({ record }) => record.messageAttributes['tenant']?.stringValue === tenant);
  return {
    count: own.length,
    isComplete,
    ...(own.length > 0 && { oldest: oldestOf(own) }),
    errors: errorsOf(own).slice(0, MAX_ERRORS),
  };
}

function errorsOf(letters: readonly WaitingLetter[]): DeadLetterError[] {
  const byError = new Map<string, WaitingLetter[]>();
  for (const letter of letters) {
    const error = printableText(toldOf(failureOf(letter.record)?.error ?? NO_ERROR), MAX_ERROR_LENGTH);
    byError.set(error, [...(byError.get(error) ?? []), letter]);
  }
  const errors = [...byError].map(([error, group]) => ({
    error,
    count: group.length,
    oldest: oldestOf(group),
    sources: [...new Set(group.map(({ record }) => record.messageAttributes['source']?.stringValue ?? ''))].sort(),
  }));
  return errors.sort((a, b) => b.count - a.count || a.oldest - b.oldest);
}

/** What the store says of itself names tables and accounts, which are no tenant's business. */
function toldOf(error: string): string {
  return error.replace(/(StorageUnavailableError: ).*/s, '$1the store was away; tributary dlq show says why');
}

function oldestOf(letters: readonly WaitingLetter[]): number {
  return Math.min(...letters.map(({ sentAt }) => sentAt));
}
