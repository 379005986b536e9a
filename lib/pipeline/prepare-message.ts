import type { Source, Tenant } from '../context/tenant.ts';
import type { Contextualized, Contextualizer } from '../plan/contextualizer.ts';
import { uncompressMessage } from '../prompb/uncompress-message.ts';
import type { Envelope, QueueMessage } from '../queue/interface.ts';
import { type Account, copyAccount, drop } from './account.ts';
import type { Candidate, Firewall, Verdict } from './cardinality/firewall.ts';
import type { Elections } from './elections.ts';
import { type IntakeAccount, parseIntakeAccount } from './intake-account.ts';
import { MAX_DECODED_BYTES } from './intake-limits.ts';
import { type Arrival, type Arrivals, readArrivals } from './read-arrivals.ts';
import type { ReceivedMemories } from './received-memories.ts';
import { electLeaders, REPLICA_REASON } from './replicas.ts';

export interface PrepareDependencies {
  readonly contextualizer: Contextualizer;
  readonly tenants: readonly Tenant[];
  readonly elections: Elections;
  readonly firewall: Firewall;
  /** Absent: every message is read as if it were the first. */
  readonly memories?: ReceivedMemories;
}

/** A series of a message that rules make something of. */
export interface Mapped {
  readonly arrival: Arrival;
  readonly contextualized: Extract<Contextualized, { readonly kind: 'mapped' }>;
  verdict: Verdict | undefined;
}

/** A message of which everything is decided; nothing is stored yet. */
export interface PreparedMessage {
  readonly message: QueueMessage;
  readonly source: Source;
  /** What the receiver counted. */
  readonly intake: IntakeAccount;
  readonly arrivals: Arrivals;
  readonly mapped: readonly Mapped[];
  /** Series that no rule could be applied to: a fault of ours. */
  readonly failed: ReadonlyMap<Arrival, Error>;
  /** What is counted before anything is stored. */
  readonly account: Account;
}

/**
 * Decodes a message, decides which samples of a pair are taken, contextualizes each series and has it judged. All of it may
 * be done again, with the same outcome.
 *
 * @throws Error where the message cannot be read, or its tenant or source is unknown; StorageUnavailableError
 */
export async function prepareMessage(
  message: QueueMessage,
  dependencies: PrepareDependencies,
): Promise<PreparedMessage> {
  const { tenants, contextualizer, elections, memories } = dependencies;
  const { envelope, body } = message;
  const { tenant, source } = sourceOf(tenants, envelope);
  const intake = parseIntakeAccount(envelope.account);
  const account = copyAccount(intake);
  const bytes = uncompressMessage(body, MAX_DECODED_BYTES);
  const arrivals = readArrivals(bytes, source, memories?.of(tenant.name, source));
  const origin = `${tenant.name}/${source.name}`;
  const leaveToOthers = await electLeaders(tenant, source, arrivals, elections);
  const mapped: Mapped[] = [];
  const failed = new Map<Arrival, Error>();
  for (const arrival of arrivals.list) {
    const { series } = arrival;
    const left = leaveToOthers(arrival);
    if (left !== undefined) drop(account, left.count, series.raw, REPLICA_REASON, left.detail);
    const count = arrival.end - arrival.begin + arrival.histograms.length;
    if (count === 0) continue;
    // One series that cannot be contextualized fails no other.
    try {
      const contextualized = series.contextualize(contextualizer, source.scope, origin);
      if (contextualized.kind === 'mapped') mapped.push({ arrival, contextualized, verdict: series.verdict });
      else drop(account, count, series.raw, contextualized.reason, contextualized.detail);
    } catch (error) {
      failed.set(arrival, error as Error);
    }
  }
  await judge(mapped, tenant, source, dependencies);
  return { message, source, intake, arrivals, mapped, failed, account };
}

/** Has those judged together whose last verdict is of another answer, or no longer holds. */
async function judge(
  mapped: readonly Mapped[],
  tenant: Tenant,
  source: Source,
  { firewall }: PrepareDependencies,
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
