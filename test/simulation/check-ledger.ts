import { parseIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import { REPLICA_REASON } from '../../lib/pipeline/replicas.ts';
import { addTally, newTally, type Tally } from '../../lib/storage/ledger.ts';
import type { Remains } from './check-run.ts';
import type { Point, Queued } from './observations.ts';

/** Every sample is counted once in the account: what became of those of each request that was queued. */
export async function checkLedger(
  tenant: string,
  queued: readonly Queued[],
  isLeading: (point: Point) => boolean,
  { ledger, world }: Remains,
): Promise<void> {
  const [source, ...others] = await ledger.totals(tenant, 0, world.now);
  if (others.length > 0) throw new Error(`${tenant}: the ledger has ${others.length} sources too many`);
  const found = source?.tally ?? newTally();
  const [least, most] = bounds([...byRequest(queued).values()], isLeading);
  for (const name of ['accepted', 'selected', 'unselected', 'contextualized', 'stored'] as const) {
    if (found[name] < least[name] || found[name] > most[name]) {
      throw new Error(`${tenant}: the ledger counts ${name} ${found[name]}, not ${least[name]} to ${most[name]}`);
    }
  }
  const [left, leastLeft, mostLeft] = [found, least, most].map(({ dropped }) => dropped[REPLICA_REASON] ?? 0);
  if ((left ?? 0) < (leastLeft ?? 0) || (left ?? 0) > (mostLeft ?? 0)) {
    throw new Error(`${tenant}: the ledger counts ${left} of the other replica, not ${leastLeft} to ${mostLeft}`);
  }
  world.count('requests counted', source?.messages ?? 0);
}

/** The parts of each request, by how it was cut. */
function byRequest(queued: readonly Queued[]): Map<string, Map<string, Queued[]>> {
  const requests = new Map<string, Map<string, Queued[]>>();
  for (const one of queued) {
    const [, request = '', cut = ''] = /^(.+)-\d+(.*)$/.exec(one.message.envelope.id) ?? [];
    const cuts = requests.get(request) ?? new Map<string, Queued[]>();
    requests.set(request, cuts);
    cuts.set(cut, [...(cuts.get(cut) ?? []), one]);
  }
  return requests;
}

/** A request of which only some parts were ever queued counts as what these were, in one way of cutting it or another. */
function bounds(
  requests: readonly ReadonlyMap<string, readonly Queued[]>[],
  isLeading: (point: Point) => boolean,
): [least: Tally, most: Tally] {
  const [least, most] = [newTally(), newTally()];
  for (const cuts of requests) {
    const all = [...cuts].map(([cut, parts]) => ({
      least: tallyOf(parts, isLeading, Math.min),
      most: tallyOf(parts, isLeading, Math.max),
      isComplete: isComplete(cut, parts),
    }));
    const complete = all.filter((one) => one.isComplete);
    const ways = complete.length > 0 ? complete : all;
    addTally(
      least,
      ways.map((way) => way.least).reduce((a, b) => (a.stored <= b.stored ? a : b)),
    );
    addTally(
      most,
      ways.map((way) => way.most).reduce((a, b) => (a.stored > b.stored ? a : b)),
    );
  }
  return [least, most];
}

function isComplete(cut: string, parts: readonly Queued[]): boolean {
  return new Set(parts.map(({ message }) => message.envelope.id)).size >= Number(/^\.(\d+)\./.exec(cut)?.[1] ?? 1);
}

/** A scrape that ran twice at one time may have seen two pages: each message then has two forms, and one account. */
function tallyOf(parts: readonly Queued[], isLeading: (point: Point) => boolean, better: Better): Tally {
  const tally = newTally();
  const forms = new Map<string, Tally[]>();
  for (const part of parts) {
    const { id } = part.message.envelope;
    forms.set(id, [...(forms.get(id) ?? []), formOf(part, isLeading)]);
  }
  for (const tallies of forms.values()) addTally(tally, best(tallies, better));
  return tally;
}

function formOf({ message, points, samples }: Queued, isLeading: (point: Point) => boolean): Tally {
  const tally = newTally();
  addTally(tally, parseIntakeAccount(message.envelope.account).tally);
  const led = points.filter(isLeading).length;
  // Every rule of the stage makes one series of each raw one.
  addTally(tally, { ...newTally(), contextualized: led, stored: led, dropped: { [REPLICA_REASON]: samples - led } });
  return tally;
}

type Better = (...counts: readonly number[]) => number;

/** The least or the most of each count. */
function best(tallies: readonly Tally[], better: Better): Tally {
  const of = (count: (tally: Tally) => number) => better(...tallies.map(count));
  return {
    ...newTally(),
    accepted: of(({ accepted }) => accepted),
    selected: of(({ selected }) => selected),
    unselected: of(({ unselected }) => unselected),
    contextualized: of(({ contextualized }) => contextualized),
    stored: of(({ stored }) => stored),
    dropped: { [REPLICA_REASON]: of(({ dropped }) => dropped[REPLICA_REASON] ?? 0) },
  };
}
