import { printableText } from '../lib/pipeline/printable.ts';

const MAX_MESSAGE_LENGTH = 2000;

/**
 * An error for the terminal: its message on one line, whatever senders and servers wrote into it, and the frames of its
 * stack below.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return printableText(String(error), MAX_MESSAGE_LENGTH);
  const said = printableText(`${error.name}: ${error.message}`, MAX_MESSAGE_LENGTH);
  return [said, ...framesOf(error)].join('\n');
}

/** The stack repeats the message first; a message may look like frames. */
function framesOf({ message, stack = '' }: Error): string[] {
  const after = stack.indexOf(message) + message.length;
  const frames = stack.slice(after).split('\n');
  return frames.filter((line) => line.startsWith('    at ')).map((line) => printableText(line, MAX_MESSAGE_LENGTH));
}
