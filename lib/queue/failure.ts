import type { SqsRecord } from './message.ts';

/** Why a message is a dead letter. */
export interface Failure {
  /** The error of the last delivery, with its causes. */
  readonly error: string;
  /** When it failed for the last time, ms. */
  readonly failedAt: number;
  /** How often it was delivered. */
  readonly receives: number;
}

/** The attribute of a dead letter that holds its failure as JSON. */
export const FAILURE_ATTRIBUTE = 'failure';

/** Reads what a worker wrote; undefined where the queue moved the message itself: its function was ended, not answered. */
export function failureOf({ messageAttributes }: Pick<SqsRecord, 'messageAttributes'>): Failure | undefined {
  const text = messageAttributes[FAILURE_ATTRIBUTE]?.stringValue;
  if (text === undefined) return undefined;
  try {
    const { error, failedAt, receives } = JSON.parse(text) as Partial<Failure>;
    return { error: String(error), failedAt: Number(failedAt), receives: Number(receives) };
  } catch {
    return undefined;
  }
}
