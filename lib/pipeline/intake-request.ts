import type { IntakeAccount } from './intake-account.ts';

/** A remote-write request as the pipeline sees it, free of any transport. */
export interface IntakeRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As sent, still compressed. */
  readonly body: Uint8Array;
  /** When the request arrived, ms. */
  readonly receivedAt: number;
  /** Names this delivery of the request in the log; empty where the transport gives none. */
  readonly requestId: string;
}

export interface IntakeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text for people; empty on success. */
  readonly body: string;
  readonly outcome: IntakeOutcome;
}

/** What the operator's log should know of a request; never part of the answer. */
export interface IntakeOutcome {
  readonly tenant?: string;
  readonly source?: string;
  /** Absent where the request was refused before anything of it was counted. */
  readonly account?: IntakeAccount;
  /** What kept us from taking valid data (a queue that failed). */
  readonly cause?: unknown;
}
