import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from './log.ts';

/**
 * The log of a function: one JSON object a line. Whatever senders and servers wrote into names, labels and errors stays
 * inside its text: JSON escapes line breaks and other control characters below U+0020, the rest is escaped here, and no
 * text is so long that CloudWatch would cut the line in two and show the second half as a line of its own.
 */
export function newLog(): Log {
  return new Logger({
    serviceName: 'tributary',
    jsonReplacerFn: (_key, value) => (typeof value === 'string' ? tamed(value) : value),
  });
}

/** Stack traces fit; of hostile texts there is enough to recognise them. */
const MAX_TEXT_LENGTH = 4000;

/** What steers terminals and text directions: DEL and C1 controls, marks of direction, separators of lines. */
const STEERING = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

function tamed(text: string): string {
  const short = text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}…`;
  return short.replace(STEERING, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
