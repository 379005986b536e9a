import type { QuerySource, Tenant } from '../context/tenant.ts';
import type { PushDown } from '../plan/push-down.ts';
import type { Engine } from '../promql/engine.ts';
import type { Appendable } from '../storage/interface.ts';
import type { LedgerRecorder } from '../storage/ledger.ts';
import type { RevisedState, RuleState } from '../storage/rule-state.ts';
import { QueryAccount } from './query-source-account.ts';
import { askServer, isDown, isTooMuch } from './query-source-ask.ts';
import type { Fault } from './query-source-fault.ts';
import { finishRules, type QueryOutcome, type RuleOutcome } from './query-source-finish.ts';
import { type RunTimes, timesOf } from './query-source-grid.ts';
import { MAX_TIMES_AT_ONCE, type QuerySourceMemory } from './query-source-memory.ts';
import { sideBySide } from './side-by-side.ts';
import { shareUsage, type UsageBook } from './usage-book.ts';

/** A query source of a tenant. */
export interface QueryTarget {
  readonly tenant: Tenant;
  readonly source: QuerySource;
}

export interface QuerySourceDependencies {
  readonly targets: readonly QueryTarget[];
  readonly planVersion: string;
  readonly pushDownOf: (source: QuerySource) => PushDown;
  readonly memoryOf: (target: QueryTarget) => QuerySourceMemory;
  readonly storage: Appendable;
  readonly ledger: LedgerRecorder;
  readonly progress: RuleState;
  readonly engine: Engine;
  /** Absent: nobody counts what asking takes of AWS. */
  readonly usage?: UsageBook;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What one run did for one source; for logs. */
export interface QuerySourceOutcome {
  readonly target: QueryTarget;
  /** Evaluation times that were computed. */
  readonly times: number;
  readonly stored: number;
  /** Questions and rules that failed, as of the last times. */
  readonly failures: readonly Fault[];
  /** Time (ms) that is due and left to the next run. */
  readonly behind: number;
  /** Time (ms) that was passed over: the outage was longer than is made up for. */
  readonly skipped: number;
  /** A fault of ours: the store that failed, or a bug. */
  readonly cause?: unknown;
}

/** Sources that are asked at a time; each has its own bound on questions. */
const MAX_SIDE_BY_SIDE = 4;

/**
 * Asks every query source for what is due: aligned evaluation times that lie its delay behind now, missed ones included.
 * The results are written as derived series, first they, then the account, then the progress that says so; a crash in
 * between repeats the same samples. One source's fault is no other's.
 *
 * @param budget ms that the run may take; what is left is due again with the next run.
 * @returns what became of each source; it never throws.
 */
export function querySources(
  budget: number,
  dependencies: QuerySourceDependencies,
): Promise<readonly QuerySourceOutcome[]> {
  const end = performance.now() + budget;
  const { targets, usage } = dependencies;
  const tenants = [...new Set(targets.map(({ tenant }) => tenant))];
  return shareUsage({ ...(usage && { usage }), tenants }, () =>
    sideBySide(targets, MAX_SIDE_BY_SIDE, (target) => new Run(target, end, budget, dependencies).run()),
  );
}

/** Names the progress of a source. No tenant's name has a slash. */
export function progressKey({ tenant, source }: QueryTarget): string {
  return `${tenant.name}/query/${source.name}`;
}

class Run {
  readonly #target: QueryTarget;
  readonly #end: number;
  /** Questions that begin after it may find more time in the next run. */
  readonly #half: number;
  readonly #deps: QuerySourceDependencies;
  #times = 0;
  #stored = 0;
  #failures: readonly Fault[] = [];
  #skipped = 0;
  #passedOver = true;
  #behind = 0;

  constructor(target: QueryTarget, end: number, budget: number, deps: QuerySourceDependencies) {
    this.#target = target;
    this.#end = end;
    this.#half = end - budget / 2;
    this.#deps = deps;
  }

  async run(): Promise<QuerySourceOutcome> {
    try {
      await this.#catchUp();
      return this.#outcome();
    } catch (cause) {
      return { ...this.#outcome(), cause };
    }
  }

  async #catchUp(): Promise<void> {
    const { source } = this.#target;
    const { progress, memoryOf, now } = this.#deps;
    const memory = memoryOf(this.#target);
    const { interval, delay, maxCatchUp } = source;
    const last = Math.floor((now() - delay) / interval) * interval;
    let known = await progress.read(progressKey(this.#target));
    const earliest = last - Math.floor(maxCatchUp / interval) * interval;
    // The interval may have been another one then.
    const evaluatedTo = Math.floor((known?.state.evaluatedTo ?? last - interval) / interval) * interval;
    this.#skipped = Math.max(0, earliest - evaluatedTo);
    let next = Math.max(earliest, evaluatedTo) + interval;
    while (next <= last) {
      this.#behind = last - next + interval;
      if (performance.now() >= this.#end) return;
      const end = Math.min(last, next + (memory.timesAtOnce - 1) * interval);
      const verdict = await this.#evaluate({ start: next, end, step: interval });
      if (verdict === 'due') return;
      if (verdict === 'too_much') {
        memory.timesAtOnce = 1;
        continue;
      }
      known = await this.#advance(known, end);
      if (known === undefined) return;
      this.#behind = last - end;
      next = end + interval;
    }
    memory.timesAtOnce = MAX_TIMES_AT_ONCE;
  }

  /** @returns `due` where the server answered nothing at all, or the run was over; `too_much` where fewer times may do. */
  async #evaluate(times: RunTimes): Promise<'done' | 'due' | 'too_much'> {
    const { pushDownOf, memoryOf } = this.#deps;
    const { source } = this.#target;
    const { queries } = pushDownOf(source);
    const { client } = memoryOf(this.#target);
    const begun = performance.now();
    const outcomes = await askServer(queries, times, { client, source, end: this.#end });
    this.#failures = faultsOf(outcomes);
    if (isTooMuch(outcomes, times)) return 'too_much';
    if (begun > this.#half && this.#isCutShort()) return 'due';
    const account = new QueryAccount(timesOf(times));
    account.answered(outcomes);
    const isDue = isDown(outcomes);
    if (!isDue) await this.#store(outcomes, times, account);
    await this.#record(account);
    return isDue ? 'due' : 'done';
  }

  /** Whether questions had no time left but for the run's end; a server's own timeout ends earlier. */
  #isCutShort(): boolean {
    return performance.now() >= this.#end && this.#failures.some(({ cause }) => cause === 'timeout');
  }

  async #store(outcomes: readonly QueryOutcome[], times: RunTimes, account: QueryAccount): Promise<void> {
    const { pushDownOf, memoryOf, storage, engine } = this.#deps;
    const { tenant, source } = this.#target;
    const finished = await finishRules(pushDownOf(source), outcomes, times, engine, (one) => account.drop(one));
    account.computed(finished);
    this.#failures = [...this.#failures, ...faultsOf(finished)];
    const appender = storage.appender(tenant.name, 'derived');
    const remember = memoryOf(this.#target).append(finished, timesOf(times), appender);
    const { refused = [] } = await appender.commit();
    account.refused(refused, finished);
    remember();
    this.#times += timesOf(times).length;
    this.#stored += account.stored;
  }

  /** Evaluated again, a time replaces its account. */
  #record({ entries }: QueryAccount): Promise<void> {
    const { tenant, source } = this.#target;
    const { ledger, now } = this.#deps;
    const timestamp = now();
    const named = entries.map(({ time, ...account }) => ({
      id: `query-${source.name}-${time}`,
      source: source.name,
      timestamp,
      ...account,
    }));
    return ledger.record(tenant.name, named);
  }

  /** @returns undefined where another run was faster; its results are the same. */
  async #advance(known: RevisedState | undefined, evaluatedTo: number): Promise<RevisedState | undefined> {
    const { progress, planVersion } = this.#deps;
    const revision = known?.revision ?? 0;
    // What was passed over is counted once, with the first times that follow it.
    const skipped = (known?.state.skipped ?? 0) + (this.#passedOver ? this.#skipped : 0);
    this.#passedOver = false;
    const state = { planVersion, evaluatedTo, skipped, groups: {} };
    const isOurs = await progress.replace(progressKey(this.#target), revision, state);
    return isOurs ? { revision: revision + 1, state } : undefined;
  }

  #outcome(): QuerySourceOutcome {
    return {
      target: this.#target,
      times: this.#times,
      stored: this.#stored,
      failures: this.#failures,
      behind: this.#behind,
      skipped: this.#skipped,
    };
  }
}

function faultsOf(outcomes: readonly (QueryOutcome | RuleOutcome)[]): Fault[] {
  return outcomes.flatMap((one) => (one.kind === 'failed' ? [one.fault] : []));
}
