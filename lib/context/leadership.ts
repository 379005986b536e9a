/** A replica's time: of [from, until), ms of sample time, its samples are taken and those of others are not. */
export interface Term {
  readonly replica: string;
  readonly from: number;
  readonly until: number;
}

/**
 * Which replica of a pair led when. What becomes of a sample follows from its replica, its timestamp and this alone, so
 * redelivery, order and the number of workers play no part: time that is decided is never decided again.
 */
export interface Leadership {
  /** Before this (ms) nothing is remembered, and no sample is taken. */
  readonly horizon: number;
  /** Ascending and apart; time between two terms is open, and belongs to whoever brings a sample of it first. */
  readonly terms: readonly Term[];
}

/** A replica has a sample of this time, ms. */
export interface Claim {
  readonly replica: string;
  readonly timestamp: number;
}

export interface LeadershipSettings {
  /** ms for which a sample keeps the lead of its replica. */
  readonly failoverTimeout: number;
  /** How far back from the latest term terms are remembered, ms: as long as samples may still come. */
  readonly memory: number;
}

export const NO_LEADERSHIP: Leadership = { horizon: 0, terms: [] };

/** Pairs whose samples are further apart than their timeout change leaders all the time; a register has its bounds. */
export const MAX_TERMS = 500;

/** A term is renewed when this part of the timeout has passed since the sample that gave it. */
const RENEWAL = 1 / 4;

/** Who leads at a time (ms of sample time); undefined where that is open. Before the horizon it is nobody: `''`. */
export function leaderAt({ horizon, terms }: Leadership, timestamp: number): string | undefined {
  const term = terms[termBefore(terms, timestamp)];
  if (term !== undefined && timestamp < term.until) return term.replica;
  return timestamp < horizon ? NOBODY : undefined;
}

/** No replica has an empty name: series without the replica label are not judged. */
export const NOBODY = '';

/**
 * Decides the time of every claim. Open time goes to the first that claims it: from the claim on for `failoverTimeout`,
 * or up to the next term. A leader's later samples extend its term. Gives the same object where there is nothing to
 * decide and nothing worth writing.
 *
 * @param claims by timestamp
 */
export function decideClaims(
  leadership: Leadership,
  claims: readonly Claim[],
  { failoverTimeout, memory }: LeadershipSettings,
): Leadership {
  const terms = [...leadership.terms];
  let changed = false;
  for (const claim of claims) {
    if (claim.timestamp < leadership.horizon) continue;
    changed = decideClaim(terms, claim, failoverTimeout) || changed;
  }
  return changed ? forget({ horizon: leadership.horizon, terms }, memory) : leadership;
}

/** Changes `terms`; tells whether it did. */
function decideClaim(terms: Term[], { replica, timestamp }: Claim, timeout: number): boolean {
  const at = termBefore(terms, timestamp);
  const term = terms[at];
  const next = terms[at + 1];
  const until = Math.min(timestamp + timeout, next?.from ?? Number.POSITIVE_INFINITY);
  const isCovered = term !== undefined && timestamp < term.until;
  if (isCovered && (term.replica !== replica || until <= term.until)) return false;
  // Writes cost money: a term is not renewed with every sample.
  if (isCovered && timestamp + timeout - term.until < timeout * RENEWAL) return false;
  const continues = term?.replica === replica && timestamp <= term.until;
  const joins = next?.replica === replica && until === next.from;
  const merged = { replica, from: continues ? term.from : timestamp, until: joins ? next.until : until };
  const first = continues ? at : at + 1;
  terms.splice(first, at + 1 - first + (joins ? 1 : 0), merged);
  return true;
}

/** The place of the last term that begins at or before a time; -1 where none does. */
function termBefore(terms: readonly Term[], timestamp: number): number {
  let [low, high] = [0, terms.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((terms[middle] as Term).from <= timestamp) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function forget({ horizon, terms }: Leadership, memory: number): Leadership {
  const oldest = (terms.at(-1)?.until ?? 0) - memory;
  const kept = terms.filter(({ until }, i) => until > oldest && i >= terms.length - MAX_TERMS);
  const forgotten = terms[terms.length - kept.length - 1];
  return { horizon: Math.max(horizon, forgotten?.until ?? 0), terms: kept };
}
