import type { IntakeReport } from './intake-report.ts';

/** What became of the body of one request. */
export interface Intake {
  readonly report: IntakeReport;
  /** Of the messages for the queue: one at least, be it empty, which carries the account of the request. */
  readonly bodies: readonly Uint8Array[];
}
