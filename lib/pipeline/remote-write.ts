import { createHash } from 'node:crypto';
import { accessOf } from '../context/access.ts';
import {
  AUTHENTICATE_CHALLENGE,
  authenticate,
  type Identity,
  NoSourceError,
  sourceOf,
} from '../context/authenticate.ts';
import type { Source, Tenant } from '../context/tenant.ts';
import type { RemoteWriteProtocol } from '../prompb/write-request.ts';
import type { Queue } from '../queue/interface.ts';
import { checkHeaders } from './check-headers.ts';
import type { Intake } from './intake.ts';
import { envelop } from './intake-messages.ts';
import { IntakeRefusal } from './intake-refusal.ts';
import { IntakeReport } from './intake-report.ts';
import type { IntakeRequest, IntakeResponse } from './intake-request.ts';
import { packMessages } from './pack-messages.ts';
import type { RateLimits } from './rate-limit.ts';
import type { Selects } from './select-series.ts';
import type { SeriesMemories } from './series-memories.ts';
import { takePlainly } from './take-plainly.ts';
import { takeRemembered } from './take-remembered.ts';

export interface IntakeDependencies {
  readonly tenants: readonly Tenant[];
  /** Whether some rule of the plan can use a raw series. */
  readonly selects: Selects;
  readonly planVersion: string;
  /** What was decided about series that came before. */
  readonly memories: SeriesMemories;
  /** How fast tenants send; absent: their `maxSamplesPerSecond` is not looked at. */
  readonly rates?: RateLimits;
  readonly queue: Queue;
  /** Milliseconds. */
  readonly now: () => number;
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
  const sender = identifySender(request.headers['authorization'], dependencies);
  if ('status' in sender) return sender;
  let protocol: RemoteWriteProtocol | undefined;
  try {
    protocol = checkHeaders(request);
    checkRate(sender, dependencies);
    const intake = take(request.body, protocol, sender, dependencies);
    await enqueueCharged(intake, sender, request, dependencies);
    return answer(protocol, intake.report, sender);
  } catch (error) {
    if (!(error instanceof IntakeRefusal)) throw error;
    const report = new IntakeReport();
    if (error.status < 500) await accountForRefusal(error, report, sender, request, dependencies);
    return refuse(error, protocol, report, sender);
  }
}

/** By what is remembered of its series where that goes, else the plain way; the outcome is the same. */
function take(
  body: Uint8Array,
  protocol: RemoteWriteProtocol,
  { tenant }: Sender,
  { selects, memories, now }: IntakeDependencies,
): Intake {
  const rules = { protocol, limits: tenant.limits, now: now() };
  return takeRemembered(body, rules, selects, memories.of(tenant, selects)) ?? takePlainly(body, rules, selects);
}

/** Whose request it is: the tenant that the credentials name and the source that the token belongs to. */
interface Sender extends Identity {
  readonly source: Source;
}

function identifySender(
  authorization: string | undefined,
  { tenants, now }: IntakeDependencies,
): Sender | IntakeResponse {
  const result = authenticate(tenants, authorization, accessOf('/api/v1/write').scopes, now());
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

/**
 * 503 and not 429: by default Prometheus drops a batch that meets 429, and sends it again after 503.
 * @throws IntakeRefusal
 */
function checkRate({ tenant }: Sender, { rates }: IntakeDependencies): void {
  const seconds = rates?.wait(tenant) ?? 0;
  if (seconds === 0) return;
  const text = `tenant ${tenant.name} sends more than ${tenant.limits.maxSamplesPerSecond} samples a second`;
  throw new IntakeRefusal(503, 'rate_limited', text, { headers: { 'Retry-After': String(seconds) } });
}

/** Charges before anything is waited for, so that requests side by side see each other. */
async function enqueueCharged(
  intake: Intake,
  sender: Sender,
  request: IntakeRequest,
  dependencies: IntakeDependencies,
): Promise<void> {
  const { samples, histograms } = intake.report.written;
  dependencies.rates?.charge(sender.tenant, samples + histograms);
  try {
    await enqueue(intake, sender, request, dependencies);
  } catch (error) {
    dependencies.rates?.charge(sender.tenant, -(samples + histograms));
    throw error;
  }
}

/**
 * Queues the messages, and the account with the first of them: even a request of which nothing is selected leaves
 * a message, so that its count outlives this invocation. Only a request without anything to count leaves none.
 *
 * @throws IntakeRefusal 503 when anything accepted could not be queued; the sender repeats the whole request then.
 */
async function enqueue(
  { report, bodies }: Intake,
  { tenant, source, token }: Sender,
  { body, receivedAt }: IntakeRequest,
  { queue, planVersion, now }: IntakeDependencies,
): Promise<void> {
  if (report.isEmpty) return;
  const origin = { id: idOf(body, source), tenant: tenant.name, source: source.name, plan: planVersion, receivedAt };
  const messages = envelop(origin, bodies, { ...report.account, token: token.name, ms: now() - receivedAt });
  try {
    await queue.send(messages);
  } catch (cause) {
    // Of a request that is refused altogether only the account is lost, and its answer must not change.
    if (!report.accepted) return;
    const headers = { 'Retry-After': RETRY_AFTER_SECONDS };
    throw new IntakeRefusal(503, 'queue_unavailable', 'cannot queue the samples now', { headers, cause });
  }
}

/** What is hashed of each end of a large body: the times and values of a hundred samples. */
const HASHED_END_BYTES = 4 * 1024;

/**
 * Names a request by its content: a sender that repeats it (an answer got lost, a part of it met a 503) repeats its name,
 * so that it is counted once. 128 bits of SHA-256, in hex, over length, head and tail: hashing all of a body would be a
 * tenth of what receiving it costs, and a sender does not send the same times and values twice but to repeat itself.
 */
function idOf(body: Uint8Array, { name }: Source): string {
  const hash = createHash('sha256').update(`${name}\0${body.length}\0`);
  if (body.length <= 2 * HASHED_END_BYTES) hash.update(body);
  else hash.update(body.subarray(0, HASHED_END_BYTES)).update(body.subarray(-HASHED_END_BYTES));
  return hash.digest('hex').slice(0, 32);
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
  await enqueue({ report, bodies: packMessages([]) }, sender, request, dependencies);
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
