import {
  AUTHENTICATE_CHALLENGE,
  authenticate,
  type Identity,
  NoSourceError,
  sourceOf,
} from '../context/authenticate.ts';
import type { Source, Tenant } from '../context/tenant.ts';
import type { Labels } from '../model/labels.ts';
import { decodeWriteRequest } from '../prompb/decode-write-request.ts';
import {
  DecodeError,
  MessageTooLargeError,
  type RemoteWriteProtocol,
  type TimeSeries,
  type WriteRequest,
  WrongProtocolError,
} from '../prompb/write-request.ts';
import type { Queue } from '../queue/interface.ts';
import { SnappyError, SnappyTooLargeError, uncompress } from '../wire/snappy.ts';
import { checkHeaders } from './check-headers.ts';
import { formatIntakeAccount, NO_ACCOUNT } from './intake-account.ts';
import { MAX_DECODED_BYTES } from './intake-limits.ts';
import { IntakeRefusal } from './intake-refusal.ts';
import { IntakeReport } from './intake-report.ts';
import type { IntakeRequest, IntakeResponse } from './intake-request.ts';
import { packMessages } from './pack-messages.ts';
import { selectSeries } from './select-series.ts';
import { type AcceptedSeries, type ValidationRules, validateSeries } from './validate-series.ts';

export interface IntakeDependencies {
  readonly tenants: readonly Tenant[];
  /** Whether some rule of the plan can use a raw series. */
  readonly selects: (labels: Labels) => boolean;
  readonly planVersion: string;
  readonly queue: Queue;
  /** Milliseconds. */
  readonly now: () => number;
  /** Names a request that its transport left nameless. */
  readonly newId: () => string;
}

/** Seconds after which a sender may try again what we could not queue. */
const RETRY_AFTER_SECONDS = '5';

/**
 * Receives one Remote-Write request (1.0 or 2.0): what is valid and some rule can use goes into the queue, the rest is
 * counted. Status codes decide over loss: 4xx only for what can never be accepted (senders drop it), 503 for every fault
 * of ours (senders try again). Whatever was valid in a request that fails with 400 is taken all the same.
 *
 * @throws only for faults of this program; never for anything a sender can send.
 */
export async function receive(request: IntakeRequest, dependencies: IntakeDependencies): Promise<IntakeResponse> {
  const sender = identifySender(request.headers['authorization'], dependencies.tenants);
  if ('status' in sender) return sender;
  const report = new IntakeReport();
  let protocol: RemoteWriteProtocol | undefined;
  try {
    protocol = checkHeaders(request);
    const message = decodeBody(uncompressBody(request.body), protocol);
    const accepted = validateAll(message, { protocol, limits: sender.tenant.limits, now: dependencies.now() }, report);
    const selected = selectSeries(accepted, message.metadata, dependencies.selects, report);
    await enqueue(selected, report, sender, request, dependencies);
    return answer(protocol, report, sender);
  } catch (error) {
    if (!(error instanceof IntakeRefusal)) throw error;
    if (error.status < 500) await accountForRefusal(error, report, sender, request, dependencies);
    return refuse(error, protocol, report, sender);
  }
}

/** Whose request it is: the tenant that the credentials name and the source that the token belongs to. */
interface Sender extends Identity {
  readonly source: Source;
}

function identifySender(authorization: string | undefined, tenants: readonly Tenant[]): Sender | IntakeResponse {
  const result = authenticate(tenants, authorization, 'write');
  if (result.kind === 'unauthenticated') {
    const body = `cannot authenticate: ${result.reason}`;
    return { status: 401, headers: { 'WWW-Authenticate': AUTHENTICATE_CHALLENGE }, body, outcome: {} };
  }
  const { tenant, token } = result;
  const forbid = (reason: string): IntakeResponse => ({
    status: 403,
    headers: {},
    body: `cannot write: ${reason}`,
    outcome: { tenant: tenant.name },
  });
  if (result.kind === 'forbidden') return forbid(result.reason);
  try {
    return { tenant, token, source: sourceOf(result) };
  } catch (error) {
    if (error instanceof NoSourceError) return forbid(error.message);
    throw error;
  }
}

function uncompressBody(body: Uint8Array): Uint8Array {
  if (body.length === 0) throw new IntakeRefusal(400, 'empty_body', 'cannot read an empty body');
  if (body.length > MAX_DECODED_BYTES) {
    throw new IntakeRefusal(413, 'body_too_large', `cannot take ${body.length} bytes: more than ${MAX_DECODED_BYTES}`);
  }
  try {
    return uncompress(body, MAX_DECODED_BYTES);
  } catch (error) {
    if (error instanceof SnappyTooLargeError) throw new IntakeRefusal(413, 'body_too_large', error.message);
    if (error instanceof SnappyError) throw new IntakeRefusal(400, 'corrupt_body', error.message);
    throw error;
  }
}

function decodeBody(bytes: Uint8Array, protocol: RemoteWriteProtocol): WriteRequest {
  try {
    return decodeWriteRequest(bytes, protocol);
  } catch (error) {
    if (error instanceof MessageTooLargeError) throw new IntakeRefusal(413, 'body_too_large', error.message);
    if (error instanceof WrongProtocolError) throw new IntakeRefusal(400, 'wrong_protocol', error.message);
    if (error instanceof DecodeError) throw new IntakeRefusal(400, 'corrupt_body', error.message);
    throw error;
  }
}

function validateAll(
  { timeseries }: WriteRequest,
  of: Omit<ValidationRules, 'hasSamples'>,
  report: IntakeReport,
): readonly AcceptedSeries[] {
  const hasSamples = timeseries.some(({ samples, histograms }) => samples.length + histograms.length > 0);
  const rules = { ...of, hasSamples };
  return timeseries.map((series) => validateSeries(series, rules, report)).filter((series) => series !== undefined);
}

/**
 * Queues the selected series, and the account with the first of them: even a request of which nothing is selected leaves
 * a message, so that its count outlives this invocation. Only a request without anything to count leaves none.
 *
 * @throws IntakeRefusal 503 when anything accepted could not be queued; the sender repeats the whole request then.
 */
async function enqueue(
  selected: readonly TimeSeries[],
  report: IntakeReport,
  { tenant, source }: Sender,
  request: IntakeRequest,
  { queue, planVersion, newId }: IntakeDependencies,
): Promise<void> {
  if (report.isEmpty) return;
  const id = request.requestId || newId();
  const messages = packMessages(selected).map((body, part) => ({
    envelope: {
      id: `${id}-${part}`,
      tenant: tenant.name,
      source: source.name,
      plan: planVersion,
      receivedAt: request.receivedAt,
      account: part === 0 ? formatIntakeAccount(report.account) : NO_ACCOUNT,
    },
    body,
  }));
  try {
    await queue.send(messages);
  } catch (cause) {
    // Of a request that is refused altogether only the account is lost, and its answer must not change.
    if (!report.accepted) return;
    const headers = { 'Retry-After': RETRY_AFTER_SECONDS };
    throw new IntakeRefusal(503, 'queue_unavailable', 'cannot queue the samples now', { headers, cause });
  }
}

/** Counts a request that could not even be read, where the queue allows it. */
async function accountForRefusal(
  refusal: IntakeRefusal,
  report: IntakeReport,
  sender: Sender,
  request: IntakeRequest,
  dependencies: IntakeDependencies,
): Promise<void> {
  report.refuseRequest(refusal.reason, refusal.message.slice(0, 500));
  await enqueue([], report, sender, request, dependencies);
}

function answer(protocol: RemoteWriteProtocol, report: IntakeReport, sender: Sender): IntakeResponse {
  return {
    status: report.failed ? 400 : 204,
    headers: writtenHeaders(protocol, report.written),
    body: report.failed ? report.text : '',
    outcome: { tenant: sender.tenant.name, source: sender.source.name, account: report.account },
  };
}

function refuse(
  refusal: IntakeRefusal,
  protocol: RemoteWriteProtocol | undefined,
  report: IntakeReport,
  sender: Sender,
): IntakeResponse {
  return {
    status: refusal.status,
    headers: { ...refusal.headers, ...writtenHeaders(protocol, { samples: 0, histograms: 0, exemplars: 0 }) },
    body: refusal.message,
    outcome: {
      tenant: sender.tenant.name,
      source: sender.source.name,
      account: report.account,
      ...(refusal.cause === undefined ? {} : { cause: refusal.cause }),
    },
  };
}

/**
 * How much was accepted, whether or not a rule uses it. Only for 2.0: senders of 1.0 take the headers for a partial
 * failure (prometheus#17683).
 */
function writtenHeaders(
  protocol: RemoteWriteProtocol | undefined,
  { samples, histograms, exemplars }: IntakeReport['written'],
): Record<string, string> {
  if (protocol !== 'io.prometheus.write.v2.Request') return {};
  return {
    'X-Prometheus-Remote-Write-Samples-Written': String(samples),
    'X-Prometheus-Remote-Write-Histograms-Written': String(histograms),
    'X-Prometheus-Remote-Write-Exemplars-Written': String(exemplars),
  };
}
