import { classOfResult } from '../../storage/alert-series.ts';
import type { Appender, Querier, RefusedSeries, RetentionClass, Storage } from '../../storage/interface.ts';
import type { EvaluationState, GroupStatus, RuleStatus } from '../../storage/rule-state.ts';
import { evaluateAlertingRule } from './alerting-rule.ts';
import type { RuleEngine } from './ask-rule.ts';
import { PendingSamples } from './pending-samples.ts';
import type { PreparedGroup, PreparedPlan, PreparedRule } from './prepared-plan.ts';
import { evaluateRecordingRule } from './recording-rule.ts';
import type { RuleRun } from './rule-run.ts';
import { SnapshotQuerier } from './snapshot-querier.ts';

/** A stretch of time of one tenant: all evaluation times in (after, upTo], ms. */
export interface Slice {
  readonly tenant: string;
  readonly after: number;
  readonly upTo: number;
  /** Absent before the first evaluation. */
  readonly state: EvaluationState | undefined;
}

export interface SliceDependencies {
  readonly plan: PreparedPlan;
  readonly storage: Storage;
  readonly engine: RuleEngine;
  /** Current time, ms. */
  readonly now: () => number;
  readonly externalUrl: string;
}

/** A rule that failed at the end of a slice. */
export interface RuleFailure {
  readonly rule: string;
  readonly at: string;
  readonly error: string;
}

export interface SliceResult {
  readonly state: EvaluationState;
  readonly evaluations: number;
  readonly samples: number;
  readonly failures: readonly RuleFailure[];
}

/**
 * Evaluates all rules at all times of a slice, level by level, and makes the samples durable; the state that says so is
 * returned and not yet written. A slice may be evaluated any number of times.
 *
 * @throws what the store throws; then nothing may be assumed, and the slice has to be evaluated again.
 */
export async function evaluateSlice(slice: Slice, dependencies: SliceDependencies): Promise<SliceResult> {
  const { plan, storage } = dependencies;
  const due = plan.groups
    .map((group) => ({ group, times: dueTimes(slice, group.interval) }))
    .filter(({ times }) => times.length > 0);
  const pending = new PendingSamples();
  const querier = pending.over(snapshot(storage.querier(slice.tenant), due, slice));
  const run = new SliceRun(slice, dependencies, querier, pending);
  for (const stretch of stretches(due)) {
    for (const level of plan.levels) {
      // Groups of one level know nothing of each other; the rules of a group run one after the other.
      await Promise.all(stretch.map(({ group, times }) => run.group(group, level, times)));
    }
  }
  if (pending.count > 0) {
    const appenders = new Map<RetentionClass, Appender>();
    pending.appendTo((metric) => {
      const of = classOfResult(metric);
      const appender = appenders.get(of) ?? storage.appender(slice.tenant, of);
      appenders.set(of, appender);
      return appender;
    });
    const reports = await Promise.all([...appenders.values()].map((appender) => appender.commit()));
    run.refused(reports.flatMap(({ refused = [] }) => refused));
  }
  return run.result();
}

/** Multiples of the interval, so that groups of one interval share their times and any evaluator finds the same. */
export function dueTimes({ after, upTo }: Pick<Slice, 'after' | 'upTo'>, interval: number): number[] {
  const first = (Math.floor(after / interval) + 1) * interval;
  const count = Math.max(0, Math.floor((upTo - first) / interval) + 1);
  return Array.from({ length: count }, (_, i) => first + i * interval);
}

interface DueGroup {
  readonly group: PreparedGroup;
  readonly times: readonly number[];
}

/**
 * What is evaluated at once. A group with an offset writes results for times before its own, so that groups without it
 * would find those of evaluations that are still to come: where offsets differ, the times come one after the other.
 */
function stretches(due: readonly DueGroup[]): readonly (readonly DueGroup[])[] {
  const offsets = new Set(due.map(({ group: { group } }) => group.queryOffset ?? 0));
  if (offsets.size < 2) return [due];
  const all = new Set(due.flatMap(({ times }) => times));
  return [...all]
    .sort((a, b) => a - b)
    .map((time) => due.flatMap(({ group, times }) => (times.includes(time) ? [{ group, times: [time] }] : [])));
}

/** One read for what most rules need: their windows, and their own results of the evaluation before. */
function snapshot(store: Querier, due: readonly DueGroup[], { after }: Slice): Querier {
  const names = new Set<string>();
  let mint = Number.POSITIVE_INFINITY;
  let maxt = Number.NEGATIVE_INFINITY;
  for (const { group, times } of due) {
    const offset = group.group.queryOffset ?? 0;
    const first = Math.min(times[0] ?? after, after);
    for (const { rule, reads } of group.rules) {
      for (const name of reads.names) names.add(name);
      if (rule.kind === 'recording') names.add(rule.record);
      mint = Math.min(mint, (times[0] ?? after) - offset - reads.reach, first - offset - group.interval);
    }
    maxt = Math.max(maxt, times.at(-1) ?? after);
  }
  return names.size === 0 ? store : new SnapshotQuerier(store, { names, mint, maxt });
}

class SliceRun {
  readonly #slice: Slice;
  readonly #dependencies: SliceDependencies;
  readonly #querier: Querier;
  readonly #pending: PendingSamples;
  readonly #groups: Map<string, GroupStatus>;
  readonly #failures = new Map<PreparedRule['rule'], RuleFailure>();
  #evaluations = 0;

  constructor(slice: Slice, dependencies: SliceDependencies, querier: Querier, pending: PendingSamples) {
    this.#slice = slice;
    this.#dependencies = dependencies;
    this.#querier = querier;
    this.#pending = pending;
    this.#groups = new Map(Object.entries(slice.state?.groups ?? {}));
  }

  async group({ key, group, rules }: PreparedGroup, level: number, times: readonly number[]): Promise<void> {
    const ofLevel = rules.filter(({ rule }) => rule.level === level);
    if (ofLevel.length === 0) return;
    const isFirst = ofLevel[0] === rules[0];
    const started = this.#dependencies.now();
    let seconds = 0;
    const statuses: Record<string, RuleStatus> = { ...this.#groups.get(key)?.rules };
    for (const prepared of ofLevel) {
      const status = await this.#rule(prepared, statuses[prepared.key], times, group);
      statuses[prepared.key] = status;
      seconds += status.evaluationSeconds;
    }
    const known = this.#groups.get(key);
    this.#groups.set(key, {
      lastEvaluation: isFirst || known === undefined ? started : known.lastEvaluation,
      evaluationSeconds: seconds + (isFirst ? 0 : (known?.evaluationSeconds ?? 0)),
      rules: statuses,
    });
  }

  /** A series that the store refused is an error of the rules that give it; all else that they gave is stored. */
  refused(series: readonly RefusedSeries[]): void {
    for (const { labels, detail } of series) {
      const ofMetric = (rule: PreparedRule['rule']) =>
        rule.kind === 'recording' ? rule.record === labels.metricName : rule.alert === labels.get('alertname');
      for (const { key, rules } of this.#dependencies.plan.groups) {
        for (const { key: ruleKey, rule } of rules.filter((prepared) => ofMetric(prepared.rule))) {
          const group = this.#groups.get(key);
          const status = group?.rules[ruleKey];
          if (group === undefined || status === undefined) continue;
          const failed: RuleStatus = { ...status, health: 'err', lastError: detail };
          this.#groups.set(key, { ...group, rules: { ...group.rules, [ruleKey]: failed } });
          this.#fail(rule, detail);
        }
      }
    }
  }

  #fail(rule: PreparedRule['rule'], error: string): void {
    const name = rule.kind === 'recording' ? rule.record : rule.alert;
    this.#failures.set(rule, { rule: name, at: `${rule.origin.file}:${rule.origin.line}`, error });
  }

  /** Groups and rules that the plan no longer has are forgotten. */
  result(): SliceResult {
    const { plan } = this.#dependencies;
    const groups: Record<string, GroupStatus> = {};
    for (const { key, rules } of plan.groups) {
      const status = this.#groups.get(key);
      if (status === undefined) continue;
      const kept = rules.flatMap(({ key: rule }) => (status.rules[rule] ? [[rule, status.rules[rule]] as const] : []));
      groups[key] = { ...status, rules: Object.fromEntries(kept) };
    }
    const { state, upTo } = this.#slice;
    return {
      state: { planVersion: plan.version, evaluatedTo: upTo, skipped: state?.skipped ?? 0, groups },
      evaluations: this.#evaluations,
      samples: this.#pending.count,
      failures: [...this.#failures.values()],
    };
  }

  async #rule(
    prepared: PreparedRule,
    status: RuleStatus | undefined,
    times: readonly number[],
    { limit, queryOffset = 0 }: PreparedGroup['group'],
  ): Promise<RuleStatus> {
    const { engine, now, externalUrl } = this.#dependencies;
    const run: RuleRun = {
      engine,
      querier: this.#querier,
      pending: this.#pending,
      times,
      queryOffset,
      limit,
      succeededAt: status?.succeededAt,
      externalUrl,
    };
    const lastEvaluation = now();
    const started = performance.now();
    const outcome = isAlerting(prepared)
      ? await evaluateAlertingRule(prepared, status?.alerts ?? [], run)
      : await evaluateRecordingRule(prepared, run);
    this.#evaluations += times.length;
    const { error, succeededAt, alerts } = outcome;
    const { rule } = prepared;
    if (error === undefined) this.#failures.delete(rule);
    else this.#fail(rule, error);
    return {
      health: error === undefined ? 'ok' : 'err',
      ...(error !== undefined && { lastError: error }),
      lastEvaluation,
      evaluationSeconds: (performance.now() - started) / 1000 / times.length,
      ...(succeededAt !== undefined && { succeededAt }),
      alerts,
    };
  }
}

function isAlerting(prepared: PreparedRule): prepared is Extract<PreparedRule, { annotations: unknown }> {
  return prepared.rule.kind === 'alerting';
}
