import type { ScopeConfig } from '../../context/tenant.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import { preparePlan } from '../../pipeline/evaluate/prepared-plan.ts';
import { evaluateTenants } from '../../pipeline/evaluate.ts';
import { Contextualizer } from '../../plan/contextualizer.ts';
import { formatSelector } from '../../plan/describe-plan.ts';
import type { DerivedRule, MappingRule, Plan } from '../../plan/plan.ts';
import { ALERT_NAME, ALERTS } from '../../plan/recorded-series.ts';
import { Engine } from '../../promql/engine.ts';
import { parseExpr } from '../../promql/parse.ts';
import { selectorsOf } from '../../promql/walk.ts';
import type { Querier, Series } from '../../storage/interface.ts';
import { MemoryRuleState } from '../../storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../storage/memory/memory-storage.ts';
import { type AskInstant, type FetchedSeries, fetchSamples } from './fetch-samples.ts';
import { nameOf, neededPlan, reachOf, rulesOf, withRules } from './needed-rules.ts';

/** (start, end] that is compared, ms, and the interval of groups that name none. */
export interface TrialWindow {
  readonly start: number;
  readonly end: number;
  readonly interval: number;
}

export type AnyRule = MappingRule | DerivedRule;

/** What two ways of making them gave for the series of one rule. */
export interface TrialOutput {
  readonly rule: AnyRule;
  readonly before: readonly Series[];
  readonly after: readonly Series[];
}

export interface Trial {
  readonly outputs: readonly TrialOutput[];
  /** Rules that could not be tried, and why. */
  readonly untried: readonly { readonly rule: AnyRule; readonly reason: string }[];
  /** Samples read from the server. */
  readonly samples: number;
  /** Raw series that became nothing, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

const TENANT = 'trial';

/**
 * Evaluates derived rules over what a deployment stores, and compares with what it stores of their records. Rules that the
 * new ones read are taken as stored, unless they are new themselves.
 */
export async function tryOverStore(
  plan: Plan,
  isNew: (rule: AnyRule) => boolean,
  ask: AskInstant,
  window: TrialWindow,
): Promise<Trial> {
  const derived = withRules(plan.derived, isNew);
  const records = new Set(rulesOf(derived).map((rule) => ('alert' in rule ? ALERTS : rule.record)));
  const span = warmUp(window, reachOf(derived, window.interval));
  const storage = new MemoryStorage();
  let samples = 0;
  for (const selector of selectorsRead(
    derived.flatMap(({ rules }) => rules),
    records,
  )) {
    samples += await store(storage, await fetchSamples(ask, selector, span), (labels) => [{ labels, map: same }]);
  }
  await evaluate(storage, { version: 'trial', derived }, window, span.start);
  const querier = storage.querier(TENANT);
  const outputs: TrialOutput[] = [];
  for (const rule of rulesOf(derived)) {
    const stored = await fetchSamples(ask, formatSelector(matchersOf(rule)), window);
    const before = new MemoryStorage();
    await store(before, stored, (labels) => [{ labels, map: same }]);
    outputs.push({
      rule,
      before: await select(before.querier(TENANT), rule, window),
      after: await select(querier, rule, window),
    });
  }
  const untried = plan.mappings.filter(isNew).map((rule) => ({ rule, reason: NEEDS_RAW }));
  return { outputs, untried, samples, dropped: {} };
}

const NEEDS_RAW =
  'it reads raw series, of which a deployment keeps none: name a server that has them with --source or --prometheus';

/** Runs two plans over the same raw data of a server and compares what becomes of the series that new rules record. */
export async function tryOverRaw(
  plans: { readonly before: Plan; readonly after: Plan },
  isNew: (rule: AnyRule) => boolean,
  scope: ScopeConfig,
  ask: AskInstant,
  window: TrialWindow,
): Promise<Trial> {
  const rules = [...plans.after.mappings.filter(isNew), ...rulesOf(plans.after.derived).filter(isNew)];
  const names = new Set(rules.map((rule) => `${'alert' in rule} ${nameOf(rule)}`));
  const sameName = (rule: AnyRule) => names.has(`${'alert' in rule} ${nameOf(rule)}`);
  const [before, after] = [neededPlan(plans.before, sameName), neededPlan(plans.after, sameName)];
  const reach = Math.max(reachOf(before.derived, window.interval), reachOf(after.derived, window.interval));
  const span = warmUp(window, reach);
  const selectors = new Set([...before.selection, ...after.selection].map(({ matchers }) => formatSelector(matchers)));
  const raw = new Map<string, FetchedSeries>();
  for (const selector of selectors) {
    for (const series of await fetchSamples(ask, selector, span)) raw.set(series.labels.key, series);
  }
  const [old, now] = [new MemoryStorage(), new MemoryStorage()];
  const dropped: Record<string, number> = {};
  const samples = await contextualize(after, scope, raw.values(), now, dropped);
  await contextualize(before, scope, raw.values(), old, {});
  await evaluate(old, before, window, span.start);
  await evaluate(now, after, window, span.start);
  const outputs: TrialOutput[] = [];
  for (const rule of rules) {
    outputs.push({
      rule,
      before: await select(old.querier(TENANT), rule, window),
      after: await select(now.querier(TENANT), rule, window),
    });
  }
  return { outputs, untried: [], samples, dropped };
}

function same(value: number): number {
  return value;
}

/** Rules that read what other new rules recorded over time find it only once these have run for as long. */
function warmUp({ start, end }: TrialWindow, reach: number): { readonly start: number; readonly end: number } {
  return { start: start - reach, end };
}

/** What is not made in the trial itself. */
function selectorsRead(rules: readonly DerivedRule[], records: ReadonlySet<string>): ReadonlySet<string> {
  const all = rules.flatMap(({ expr }) => selectorsOf(parseExpr(expr)).map(({ matchers }) => matchers));
  const others = all.filter((matchers) => {
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.type === '=');
    return name === undefined || !records.has(name.value);
  });
  return new Set(others.map(formatSelector));
}

type Outputs = (labels: Labels) => readonly { readonly labels: Labels; readonly map: (value: number) => number }[];

async function store(storage: MemoryStorage, fetched: Iterable<FetchedSeries>, outputsOf: Outputs): Promise<number> {
  const appender = storage.appender(TENANT, 'normalised');
  let count = 0;
  for (const { labels, samples } of fetched) {
    const outputs = outputsOf(labels);
    count += samples.length;
    for (const { timestamp, value } of samples) {
      for (const output of outputs) appender.append(output.labels, { timestamp, value: output.map(value) });
    }
  }
  await appender.commit();
  return count;
}

function contextualize(
  plan: Plan,
  scope: ScopeConfig,
  raw: Iterable<FetchedSeries>,
  storage: MemoryStorage,
  dropped: Record<string, number>,
): Promise<number> {
  const contextualizer = new Contextualizer(plan);
  return store(storage, raw, (labels) => {
    const result = contextualizer.contextualize(labels, scope);
    if (result.kind === 'mapped') return result.outputs;
    dropped[result.reason] = (dropped[result.reason] ?? 0) + 1;
    return [];
  });
}

async function evaluate(
  storage: MemoryStorage,
  plan: Pick<Plan, 'version' | 'derived'>,
  { end, interval }: TrialWindow,
  start: number,
): Promise<void> {
  const [outcome] = await evaluateTenants(
    {
      plan: preparePlan(plan, { interval }),
      tenants: [{ name: TENANT }],
      storage,
      ruleState: new MemoryRuleState(),
      engine: new Engine({ defaultSubqueryStep: interval }),
      settings: { interval, delay: 0, maxCatchUp: end - start },
      externalUrl: '',
      now: () => end,
    },
    Number.POSITIVE_INFINITY,
  );
  if (outcome?.error !== undefined) throw outcome.error;
}

function select(querier: Querier, rule: AnyRule, { start, end }: TrialWindow): Promise<readonly Series[]> {
  return querier.select({ mint: start + 1, maxt: end }, ...matchersOf(rule));
}

/** What tells the series of a rule from those of others with the same name. */
function matchersOf(rule: AnyRule): Matcher[] {
  if ('alert' in rule) return [new Matcher('=', METRIC_NAME, ALERTS), new Matcher('=', ALERT_NAME, rule.alert)];
  const fixed = Object.entries(rule.labels).map(([name, value]) => new Matcher('=', name, value));
  return [new Matcher('=', METRIC_NAME, rule.record), ...fixed];
}
