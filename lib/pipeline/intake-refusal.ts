import { REMEDIES, type RefusalReason } from './refusal-reason.ts';

/** The whole request is refused; nothing of it is taken. Its text is the answer to the sender. */
export class IntakeRefusal extends Error {
  override name = 'IntakeRefusal';
  readonly status: number;
  readonly reason: RefusalReason;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    reason: RefusalReason,
    text: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
  ) {
    super(`${text}; ${REMEDIES[reason]}`, options.cause === undefined ? {} : { cause: options.cause });
    this.status = status;
    this.reason = reason;
    this.headers = options.headers ?? {};
  }
}
