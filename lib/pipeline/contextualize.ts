import type { Source, Tenant } from '../context/tenant.ts';
import type { Labels } from '../model/labels.ts';
import type { Sample } from '../model/sample.ts';
import type { Contextualized, ContextualizedOutput, Contextualizer } from '../plan/contextualizer.ts';
import type { ReceivedSamples } from '../prompb/received-samples.ts';
import type { Envelope, QueueMessage } from '../queue/interface.ts';
import { InvalidSampleError, StorageUnavailableError } from '../storage/errors.ts';
import type { Appendable, Appender } from '../storage/interface.ts';
import { countReason, type DropExample, type LedgerEntry, type LedgerRecorder, type Tally } from '../storage/ledger.ts';
import { uncompress } from '../wire/snappy.ts';
import { appendHistograms } from './append-histograms.ts';
import type { Candidate, Firewall, Verdict } from './cardinality/firewall.ts';
import type { Elections } from './elections.ts';
import { parseIntakeAccount } from './intake-account.ts';
import { MAX_DECODED_BYTES } from './intake-limits.ts';
import { messageUsage, withCommitUsage } from './message-usage.ts';
import { type Arrival, readArrivals } from './read-arrivals.ts';
import type { ReceivedMemories } from './received-memories.ts';
import { electLeaders, REPLICA_REASON } from './replicas.ts';
import type { UsageBook } from './usage-book.ts';

export interface ContextualizeDependencies {
  readonly contextualizer: Contextualizer;
  readonly tenants: readonly Tenant[];
  readonly storage: Appendable;
  readonly ledger: LedgerRecorder;
  readonly elections: Elections;
  readonly firewall: Firewall;
  /** Absent: every message is read as if it were the first. */
  readonly memories?: ReceivedMemories;
  /** Absent: nobody counts what messages take of AWS. */
  readonly usage?: UsageBook;
}

/** A message that was not processed and must be delivered again. */
export interface FailedMessage {
  readonly message: QueueMessage;
  readonly error: Error;
}

const MAX_EXAMPLES_PER_REASON = 3;

/**
 * Turns queued raw samples into contextualized ones and stores them: decode, contextualize, append; one commit for each
 * tenant, and only then the account of what became of every sample. All of it is idempotent, so a message may be
 * delivered any number of times. One message's fault never fails another's; a failed commit fails its tenant's messages.
 */
export async function contextualizeMessages(
  messages: readonly QueueMessage[],
  dependencies: ContextualizeDependencies,
): Promise<readonly FailedMessage[]> {
  const groups = [...groupByTenant(messages)];
  const part = 1 / groups.length;
  const failures = await Promise.all(
    groups.map(([tenant, group]) => contextualizeTenant(tenant, group, dependencies, part)),
  );
  return failures.flat();
}

function groupByTenant(messages: readonly QueueMessage[]): Map<string, QueueMessage[]> {
  const groups = new Map<string, QueueMessage[]>();
  for (const message of messages) {
    const group = groups.get(message.envelope.tenant);
    if (group === undefined) groups.set(message.envelope.tenant, [message]);
    else group.push(message);
  }
  return groups;
}

/** @param part of the invocation that is these messages' */
async function contextualizeTenant(
  tenantName: string,
  messages: readonly QueueMessage[],
  dependencies: ContextualizeDependencies,
  part: number,
): Promise<readonly FailedMessage[]> {
  const began = performance.now();
  const appender = dependencies.storage.appender(tenantName, 'normalised');
  const failures: FailedMessage[] = [];
  const entries: LedgerEntry[] = [];
  const processed: QueueMessage[] = [];
  for (const message of messages) {
    try {
      entries.push(await contextualizeMessage(message, appender, dependencies));
      processed.push(message);
    } catch (error) {
      failures.push({ message, error: asError(error) });
    }
  }
  try {
    await appender.commit();
    const accounts = withCommitUsage(entries, tenantName, { book: dependencies.usage, part, began });
    await dependencies.ledger.record(tenantName, accounts);
  } catch (error) {
    failures.push(...(await failedCommit(tenantName, processed, asError(error), dependencies, part)));
  }
  return failures;
}

/**
 * While the store is out of reach all have to come again. Any other error is that of some message: each then has a commit
 * of its own, so that the one at fault does not hold back the others. What was written already is written again.
 */
async function failedCommit(
  tenantName: string,
  messages: readonly QueueMessage[],
  error: Error,
  dependencies: ContextualizeDependencies,
  part: number,
): Promise<readonly FailedMessage[]> {
  if (error instanceof StorageUnavailableError || messages.length === 1) {
    return messages.map((message) => ({ message, error }));
  }
  const failures: FailedMessage[] = [];
  const own = part / messages.length;
  for (const message of messages) {
    failures.push(...(await contextualizeTenant(tenantName, [message], dependencies, own)));
  }
  return failures;
}

async function contextualizeMessage(
  message: QueueMessage,
  appender: Appender,
  dependencies: ContextualizeDependencies,
): Promise<LedgerEntry> {
  const { envelope, body } = message;
  const { tenants, contextualizer, elections, memories } = dependencies;
  const { tenant, source } = sourceOf(tenants, envelope);
  const intake = parseIntakeAccount(envelope.account);
  const { tally, examples } = intake;
  const account: Account = { tally, examples: [...examples] };
  const bytes = uncompress(body, MAX_DECODED_BYTES);
  const arrivals = readArrivals(bytes, source, memories?.of(tenant.name, source));
  const leaveToOthers = await electLeaders(tenant, source, arrivals, elections);
  const mapped: Mapped[] = [];
  for (const arrival of arrivals.list) {
    const left = leaveToOthers(arrival);
    const { series, begin, end, histograms, metadata } = arrival;
    if (left !== undefined) drop(account, left.count, series.raw, REPLICA_REASON, left.detail);
    if (metadata !== undefined) appender.appendMetadata({ metricFamilyName: series.raw.metricName, ...metadata });
    const count = end - begin + histograms.length;
    if (count === 0) continue;
    const contextualized = series.contextualize(contextualizer, source.scope, `${tenant.name}/${source.name}`);
    if (contextualized.kind === 'mapped') mapped.push({ arrival, contextualized, verdict: series.verdict });
    else drop(account, count, series.raw, contextualized.reason, contextualized.detail);
  }
  await judge(mapped, tenant, source, dependencies);
  appendAll(mapped, arrivals.samples, appender, account);
  const usage = dependencies.usage && { usage: messageUsage(message, intake, source.type) };
  return { id: envelope.id, source: source.name, timestamp: envelope.receivedAt, ...account, ...usage };
}

/** A series that rules make something of. */
interface Mapped {
  readonly arrival: Arrival;
  readonly contextualized: Extract<Contextualized, { readonly kind: 'mapped' }>;
  verdict: Verdict | undefined;
}

/** Has those judged together whose last verdict is of another answer, or no longer holds. */
async function judge(
  mapped: readonly Mapped[],
  tenant: Tenant,
  source: Source,
  { firewall }: ContextualizeDependencies,
): Promise<void> {
  const now = firewall.time;
  const open = mapped.filter(
    ({ contextualized, verdict }) => verdict?.identity !== contextualized || now >= verdict.until,
  );
  if (open.length === 0) return;
  const candidates = open.map(({ arrival, contextualized }): Candidate => {
    const { outputs } = contextualized;
    return { raw: arrival.series.raw, outputs, source: source.name, identity: contextualized };
  });
  await firewall.judge(tenant, candidates);
  for (const [i, one] of open.entries()) {
    one.verdict = firewall.verdictOf(candidates[i] as Candidate);
    one.arrival.series.verdict = one.verdict;
  }
}

function appendAll(mapped: readonly Mapped[], samples: ReceivedSamples, appender: Appender, account: Account): void {
  for (const { arrival, verdict } of mapped) {
    const { series, begin, end, histograms } = arrival;
    const judgement = (verdict as Verdict).judgement;
    if (judgement.kind === 'refused') {
      drop(account, end - begin + histograms.length, series.raw, judgement.reason, judgement.detail);
      continue;
    }
    for (let i = begin; i < end; i++) appendOutputs(judgement.outputs, samples.at(i), series.raw, appender, account);
    if (histograms.length === 0) continue;
    appendHistograms(judgement.outputs, histograms, series.raw, appender, {
      tally: account.tally,
      drop: (...what) => drop(account, ...what),
    });
  }
}

/** What is counted of one message while it is processed. */
interface Account {
  readonly tally: Tally;
  readonly examples: DropExample[];
}

function appendOutputs(
  outputs: readonly ContextualizedOutput[],
  sample: Sample,
  raw: Labels,
  appender: Appender,
  { tally, examples }: Account,
): void {
  try {
    for (const { labels, map } of outputs) {
      const value = map(sample.value);
      appender.append(labels, Object.is(value, sample.value) ? sample : { ...sample, value });
    }
    tally.contextualized++;
    tally.stored += outputs.length;
  } catch (error) {
    if (!(error instanceof InvalidSampleError)) throw error;
    drop({ tally, examples }, 1, raw, 'invalid_sample', error.message);
  }
}

function drop({ tally, examples }: Account, count: number, raw: Labels, reason: string, detail: string): void {
  if (count === 0) return;
  countReason(tally.dropped, reason, count);
  const known = examples.filter((example) => example.reason === reason).length;
  if (known < MAX_EXAMPLES_PER_REASON) examples.push({ reason, series: raw.toString().slice(0, 500), detail });
}

/** @throws Error when the configuration no longer has the tenant or source: the message waits, then goes to dead letters. */
function sourceOf(tenants: readonly Tenant[], envelope: Envelope): { tenant: Tenant; source: Source } {
  const tenant = tenants.find(({ name }) => name === envelope.tenant);
  const source = tenant?.sources.find(({ name }) => name === envelope.source);
  if (tenant === undefined || source === undefined) {
    throw new Error(
      `cannot contextualize for tenant ${envelope.tenant}, source ${envelope.source}: tributary.yml no longer has them`,
    );
  }
  return { tenant, source };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
