import type { PositionRange } from './annotations.ts';

/** The expression cannot be parsed or does not type-check. `message` is Prometheus's text, position included. */
export class ParseError extends Error {
  override name = 'ParseError';
  readonly position: PositionRange | undefined;

  constructor(message: string, position?: PositionRange) {
    super(message);
    this.position = position;
  }
}

/** The expression cannot be evaluated over the data found (many-to-many matching, too many samples …). */
export class ExecutionError extends Error {
  override name = 'ExecutionError';
}

/** Evaluation took longer than the query's timeout. */
export class QueryTimeoutError extends Error {
  override name = 'QueryTimeoutError';
}

/** The client went away or called the query off. */
export class QueryCanceledError extends Error {
  override name = 'QueryCanceledError';
}
