import { parseIntakeAccount } from '../../pipeline/intake-account.ts';
import { MAX_DECODED_BYTES } from '../../pipeline/intake-limits.ts';
import { printableSeries, printableText } from '../../pipeline/printable.ts';
import { decodeWriteRequest } from '../../prompb/decode-write-request.ts';
import type { TimeSeries } from '../../prompb/write-request.ts';
import { type Failure, failureOf } from '../../queue/failure.ts';
import type { QueueMessage } from '../../queue/interface.ts';
import { decodeSqsRecord } from '../../queue/message.ts';
import { uncompress } from '../../wire/snappy.ts';
import type { DeadLetter } from './dead-letter-queue.ts';

/** What a dead letter holds, as far as it can be read. */
export interface DeadLetterReport {
  readonly messageId: string;
  readonly sentAt: number;
  /** Absent where the queue moved it itself: the function was ended before it could answer. */
  readonly failure?: Failure;
  /** Absent where the message is none of ours. */
  readonly message?: QueueMessage;
  readonly series?: readonly TimeSeries[];
  /** Why the message or its body cannot be read. */
  readonly defect?: string;
}

export function readDeadLetter({ record, sentAt }: DeadLetter): DeadLetterReport {
  const failure = failureOf(record);
  const known = { messageId: record.messageId, sentAt, ...(failure !== undefined && { failure }) };
  let message: QueueMessage | undefined;
  try {
    message = decodeSqsRecord(record);
    const body = uncompress(message.body, MAX_DECODED_BYTES);
    return { ...known, message, series: decodeWriteRequest(body, 'io.prometheus.write.v2.Request').timeseries };
  } catch (error) {
    return { ...known, ...(message !== undefined && { message }), defect: (error as Error).message };
  }
}

const UNKNOWN_CAUSE = 'no error is recorded: the function was ended (time, memory) before it could tell one';

/** Lines of one dead letter for a list. */
export function listLine({ messageId, sentAt, failure, message, defect }: DeadLetterReport): string {
  const { tenant = '?', source = '?' } = message?.envelope ?? {};
  const cause = printableText(failure?.error ?? defect ?? UNKNOWN_CAUSE, 160);
  return `${messageId}  ${timeOf(failure?.failedAt ?? sentAt)}  ${plain(tenant)}/${plain(source)}\n    ${cause}\n`;
}

/** Everything that is known of a dead letter, and the first `shown` series. */
export function describeDeadLetter(report: DeadLetterReport, shown: number): string {
  const { messageId, sentAt, failure, message, series, defect } = report;
  const lines = [
    `Message ${messageId}, a dead letter since ${timeOf(failure?.failedAt ?? sentAt)}`,
    `error       ${plain(failure?.error ?? UNKNOWN_CAUSE)}`,
    ...(failure === undefined ? [] : [`deliveries  ${failure.receives}`]),
    ...(message === undefined ? [] : envelopeLines(message)),
    ...(defect === undefined ? [] : [`unreadable  ${plain(defect)}`]),
    ...(series === undefined ? [] : seriesLines(series, shown)),
  ];
  return `${lines.join('\n')}\n`;
}

function envelopeLines({ envelope, body }: QueueMessage): string[] {
  const { id, tenant, source, plan, receivedAt, account } = envelope;
  return [
    `request     ${plain(id)}, received ${timeOf(receivedAt)}`,
    `tenant      ${plain(tenant)}, source ${plain(source)}`,
    `plan        ${plain(plan)}`,
    `body        ${body.length} bytes`,
    ...accountLines(account),
  ];
}

/** Only the first message of a request has an account. */
function accountLines(account: string): string[] {
  try {
    const { tally } = parseIntakeAccount(account);
    const counts = Object.entries(tally).filter(([, count]) => typeof count === 'number' && count > 0);
    return counts.length === 0 ? [] : [`counted     ${counts.map(([name, count]) => `${count} ${name}`).join(', ')}`];
  } catch (error) {
    return [`unreadable  ${plain((error as Error).message)}`];
  }
}

function seriesLines(series: readonly TimeSeries[], shown: number): string[] {
  const samples = series.reduce((sum, one) => sum + one.samples.length + one.histograms.length, 0);
  const left = series.length - shown;
  return [
    `holds       ${series.length} series with ${samples} samples and histograms`,
    ...series.slice(0, shown).map((one) => `  ${printableSeries(one.labels)}  ${samplesOf(one)}`),
    ...(left > 0 ? [`  … and ${left} more (--series)`] : []),
  ];
}

function samplesOf({ samples, histograms, defect }: TimeSeries): string {
  const last = samples.at(-1);
  const value = last === undefined ? '' : `, the last ${last.value} at ${timeOf(last.timestamp)}`;
  const more = histograms.length === 0 ? '' : `, ${histograms.length} histograms`;
  return `${samples.length} samples${value}${more}${defect === undefined ? '' : `; defect: ${plain(defect)}`}`;
}

/** Names and errors may hold anything, and this goes to a terminal. */
function plain(text: string): string {
  return printableText(text, 2000);
}

/** Also of times that no calendar has. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
