/** A structured log, as `@aws-lambda-powertools/logger` is one: a text, and what it is about. */
export interface Log {
  debug(message: string, about: Record<string, unknown>): void;
  info(message: string, about: Record<string, unknown>): void;
  warn(message: string, about: Record<string, unknown>): void;
  error(message: string, about: Record<string, unknown>): void;
}
