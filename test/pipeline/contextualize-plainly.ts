import type { Source, Tenant } from '../../lib/context/tenant.ts';
import type { Labels } from '../../lib/model/labels.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { appendHistograms } from '../../lib/pipeline/append-histograms.ts';
import type { Candidate, Judgement } from '../../lib/pipeline/cardinality/firewall.ts';
import type { ContextualizeDependencies, FailedMessage } from '../../lib/pipeline/contextualize.ts';
import { parseIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import { MAX_DECODED_BYTES } from '../../lib/pipeline/intake-limits.ts';
import { REPLICA_REASON } from '../../lib/pipeline/replicas.ts';
import type { ContextualizedOutput } from '../../lib/plan/contextualizer.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import type { Envelope, QueueMessage } from '../../lib/queue/interface.ts';
import { InvalidSampleError } from '../../lib/storage/errors.ts';
import type { Appender } from '../../lib/storage/interface.ts';
import { countReason, type DropExample, type LedgerEntry, type Tally } from '../../lib/storage/ledger.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { electLeadersPlainly } from './replicas-plainly.ts';

const MAX_EXAMPLES_PER_REASON = 3;

/**
 * The worker without any memory of bytes: every message is decoded whole, every series looked up by the text of its labels,
 * every sample appended by itself. What the worker does with less work is held against this.
 */
export async function contextualizePlainly(
  messages: readonly QueueMessage[],
  dependencies: ContextualizeDependencies,
): Promise<readonly FailedMessage[]> {
  const failures = await Promise.all(
    [...groupByTenant(messages)].map(([tenant, group]) => contextualizeTenant(tenant, group, dependencies)),
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

async function contextualizeTenant(
  tenantName: string,
  messages: readonly QueueMessage[],
  dependencies: ContextualizeDependencies,
): Promise<readonly FailedMessage[]> {
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
    await dependencies.ledger.record(tenantName, entries);
  } catch (error) {
    failures.push(...processed.map((message) => ({ message, error: asError(error) })));
  }
  return failures;
}

async function contextualizeMessage(
  { envelope, body }: QueueMessage,
  appender: Appender,
  { tenants, contextualizer, elections, firewall }: ContextualizeDependencies,
): Promise<LedgerEntry> {
  const { tenant, source } = sourceOf(tenants, envelope);
  const { tally, examples } = parseIntakeAccount(envelope.account);
  const account: Account = { tally, examples: [...examples] };
  const { timeseries } = decodeWriteRequest(uncompress(body, MAX_DECODED_BYTES), 'io.prometheus.write.v2.Request');
  const take = await electLeadersPlainly(tenant, source, timeseries, elections);
  const candidates: (Candidate & Pick<TimeSeries, 'samples' | 'histograms'>)[] = [];
  for (const series of timeseries) {
    const { metadata } = series;
    const { raw, samples, histograms, left, detail } = take(series);
    drop(account, left, raw, REPLICA_REASON, detail);
    if (metadata !== undefined) appender.appendMetadata({ metricFamilyName: raw.metricName, ...metadata });
    if (samples.length + histograms.length === 0) continue;
    const contextualized = contextualizer.contextualize(raw, source.scope, `${tenant.name}/${source.name}`);
    if (contextualized.kind === 'dropped') {
      drop(account, samples.length + histograms.length, raw, contextualized.reason, contextualized.detail);
    } else {
      const { outputs } = contextualized;
      candidates.push({ raw, samples, histograms, outputs, source: source.name, identity: contextualized });
    }
  }
  const judgements = await firewall.judge(tenant, candidates);
  for (const [i, { raw, samples, histograms }] of candidates.entries()) {
    const judgement = judgements[i] as Judgement;
    if (judgement.kind === 'refused') {
      drop(account, samples.length + histograms.length, raw, judgement.reason, judgement.detail);
    } else {
      appendOutputs(judgement.outputs, samples, raw, appender, account);
      appendHistograms(judgement.outputs, histograms, raw, appender, {
        tally,
        drop: (...what) => drop(account, ...what),
        fail: (_, error) => {
          throw error;
        },
      });
    }
  }
  return { id: envelope.id, source: source.name, timestamp: envelope.receivedAt, ...account };
}

/** What is counted of one message while it is processed. */
interface Account {
  readonly tally: Tally;
  readonly examples: DropExample[];
}

function appendOutputs(
  outputs: readonly ContextualizedOutput[],
  samples: readonly Sample[],
  raw: Labels,
  appender: Appender,
  account: Account,
): void {
  for (const sample of samples) {
    try {
      for (const { labels, map } of outputs) {
        appender.append(labels, isStaleNaN(sample.value) ? sample : { ...sample, value: map(sample.value) });
      }
      account.tally.contextualized++;
      account.tally.stored += outputs.length;
    } catch (error) {
      if (!(error instanceof InvalidSampleError)) throw error;
      drop(account, 1, raw, 'invalid_sample', error.message);
    }
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
