import type { OutgoingRequest } from '../messages.ts';

/**
 * One request and the answer to it. `must` and `should` are the specification's words; `choice` is where it leaves the
 * receiver free, or says less than we do.
 */
export interface ReceiverCase {
  readonly name: string;
  readonly level: 'must' | 'should' | 'choice';
  readonly request: () => OutgoingRequest;
  readonly status: number;
  /** Samples, histograms and exemplars written; for 2.0 only. */
  readonly written?: readonly [number, number, number];
  /** What the error must say. */
  readonly text?: RegExp;
}

type Rest = Partial<Pick<ReceiverCase, 'text' | 'level'>>;

/** A 2.0 request that is taken whole. */
export function accepted(
  name: string,
  request: () => OutgoingRequest,
  written: readonly [number, number, number],
  rest: Rest = {},
): ReceiverCase {
  return { name, level: 'must', request, status: 204, written, ...rest };
}

/** A 2.0 request that is refused, perhaps in part. */
export function refused(
  name: string,
  request: () => OutgoingRequest,
  written: readonly [number, number, number] = [0, 0, 0],
  rest: Rest = {},
): ReceiverCase {
  return { name, level: 'must', request, status: 400, written, ...rest };
}

/** A request whose answer has no Written headers: 1.0, or refused before its version is known. */
export function answered(name: string, request: () => OutgoingRequest, status: number, rest: Rest = {}): ReceiverCase {
  return { name, level: 'must', request, status, ...rest };
}
