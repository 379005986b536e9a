/** A command cannot do what it was asked for; the text says what is wrong and what to do. Ends it with 1. */
export class CommandError extends Error {
  override name = 'CommandError';
}
