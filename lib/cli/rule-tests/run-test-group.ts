import { evaluateAlertingRule } from '../../pipeline/evaluate/alerting-rule.ts';
import { PendingSamples } from '../../pipeline/evaluate/pending-samples.ts';
import type { PreparedGroup, PreparedRule } from '../../pipeline/evaluate/prepared-plan.ts';
import { evaluateRecordingRule } from '../../pipeline/evaluate/recording-rule.ts';
import type { RuleOutcome, RuleRun } from '../../pipeline/evaluate/rule-run.ts';
import { Engine } from '../../promql/engine.ts';
import type { Querier } from '../../storage/interface.ts';
import type { ActiveAlert } from '../../storage/rule-state.ts';
import { compareAlerts, compareSamples, type Sighted } from './compare-results.ts';
import { clipped, loadSeries } from './load-series.ts';
import type { AlertRuleTest, ExprTest, TestFile, TestGroup } from './test-file.ts';

/**
 * Runs one test by the rules of promtool: every group at every evaluation interval whatever its own is, one rule after
 * the other, each of which sees what the rules before it gave for the same time. (Our evaluator has an order of its own,
 * by what rules read; files in which both orders are the same pass in both.)
 *
 * @returns what is wrong, one text a test, as promtool prints it; none where everything is as expected.
 */
export async function runTestGroup(
  test: TestGroup,
  groups: readonly PreparedGroup[],
  file: TestFile,
): Promise<readonly string[]> {
  const input = await loadSeries(test);
  const run = new GroupRun(test, groups, input, file);
  const { errors, till } = await run.evaluate();
  if (run.failed) return errors;
  for (const expression of test.expressions) errors.push(...(await run.checkExpression(expression, till)));
  return errors;
}

interface RuleState {
  readonly alerts: readonly ActiveAlert[];
  readonly succeededAt: number | undefined;
}

class GroupRun {
  failed = false;
  readonly #test: TestGroup;
  readonly #groups: readonly PreparedGroup[];
  readonly #input: Querier;
  readonly #file: TestFile;
  readonly #pending = new PendingSamples();
  readonly #states = new Map<PreparedRule, RuleState>();
  readonly #engine: Engine;

  constructor(test: TestGroup, groups: readonly PreparedGroup[], input: Querier, file: TestFile) {
    this.#test = test;
    this.#groups = groups;
    this.#input = input;
    this.#file = file;
    this.#engine = new Engine({ defaultSubqueryStep: file.evaluationInterval, features: FEATURES });
  }

  /** All evaluation times up to the last that a test asks for; `till` is the last of them, ms. */
  async evaluate(): Promise<{ errors: string[]; till: number }> {
    const { start, alerts, expressions } = this.#test;
    const interval = this.#file.evaluationInterval;
    const end = Math.max(0, ...alerts.map(({ evalTime }) => evalTime), ...expressions.map(({ evalTime }) => evalTime));
    const errors: string[] = [];
    let time = 0;
    for (; time <= end; time += interval) {
      const faults = await this.#evaluateAll(start + time);
      if (faults.length > 0) {
        this.failed = true;
        return { errors: [...errors, ...faults], till: start + time };
      }
      // A time between two evaluations is about the one before.
      const due = alerts.filter(({ evalTime }) => evalTime >= time && evalTime < time + interval);
      due.sort((a, b) => a.evalTime - b.evalTime);
      for (const one of due) errors.push(...this.#checkAlerts(one));
    }
    return { errors, till: start + time - interval };
  }

  async checkExpression({ expr, evalTime, samples }: ExprTest, till: number): Promise<readonly string[]> {
    const { start, name } = this.#test;
    const querier = this.#pending.over(clipped(this.#input, till));
    try {
      const { data } = await this.#engine.instantQuery(querier, expr, start + evalTime);
      return compareSamples({ test: name, expr, evalTime, expected: samples }, data, this.#file.fuzzyCompare);
    } catch (error) {
      return compareSamples({ test: name, expr, evalTime, expected: samples }, error as Error, this.#file.fuzzyCompare);
    }
  }

  async #evaluateAll(time: number): Promise<readonly string[]> {
    const faults: string[] = [];
    const querier = this.#pending.over(clipped(this.#input, time));
    for (const { group, rules } of this.#groups) {
      for (const prepared of rules) {
        const known = this.#states.get(prepared);
        const run: RuleRun = {
          engine: this.#engine,
          querier,
          pending: this.#pending,
          times: [time],
          queryOffset: group.queryOffset ?? 0,
          limit: group.limit,
          succeededAt: known?.succeededAt,
          externalUrl: this.#test.externalUrl,
          externalLabels: new Map(Object.entries(this.#test.externalLabels)),
        };
        const outcome = await evaluateRule(prepared, known?.alerts ?? [], run);
        this.#states.set(prepared, outcome);
        if (outcome.error !== undefined) {
          const { rule } = prepared;
          const name = rule.kind === 'recording' ? rule.record : rule.alert;
          faults.push(`    rule: ${name}, time: ${goDuration(time - this.#test.start)}, err: ${outcome.error}`);
        }
      }
    }
    return faults;
  }

  #checkAlerts({ alertname, evalTime, alerts }: AlertRuleTest): readonly string[] {
    const named = [...this.#states].filter(([{ rule }]) => rule.kind === 'alerting' && rule.alert === alertname);
    const firing = named.flatMap(([, state]) => state.alerts.filter((alert) => alert.state === 'firing'));
    const expected = alerts.map(({ labels, annotations }): Sighted => {
      return { labels: { ...labels, alertname }, annotations };
    });
    return compareAlerts({ test: this.#test.name, alertname, evalTime, expected }, firing);
  }
}

/** What promtool's own engine has on. */
const FEATURES = new Set(['promql-experimental-functions'] as const);

function evaluateRule(prepared: PreparedRule, alerts: readonly ActiveAlert[], run: RuleRun): Promise<RuleOutcome> {
  return 'annotations' in prepared ? evaluateAlertingRule(prepared, alerts, run) : evaluateRecordingRule(prepared, run);
}

/** As Go prints a duration: `1h0m0s`. */
function goDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = `${Number((seconds % 60).toFixed(3))}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
