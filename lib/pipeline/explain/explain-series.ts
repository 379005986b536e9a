import type { QuerySource, Tenant } from '../../context/tenant.ts';
import { formatFloat } from '../../model/format-float.ts';
import { Labels, METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import { formatSelector } from '../../plan/describe-plan.ts';
import { knownLabels, narrowInputs } from '../../plan/explain/narrow-inputs.ts';
import { ALERT_NAME } from '../../plan/recorded-series.ts';
import type { Expr } from '../../promql/ast.ts';
import { parseExpr } from '../../promql/parse.ts';
import { printExpr } from '../../promql/print.ts';
import { resolveTimes } from '../../promql/resolve-times.ts';
import { type SelectionWindow, selectionWindows } from '../../promql/select/selection-windows.ts';
import type { Querier, Series } from '../../storage/interface.ts';
import type { RuleEngine } from '../evaluate/ask-rule.ts';
import { explainNormalised, type StoredSample, shownSample } from './explain-normalised.ts';
import type { Explanation, ShownEvaluation, ShownInput } from './explanation.ts';
import { type PlacedRule, type PlanReader, shownDerivedRule } from './plan-reader.ts';

/** What a series is explained with. Without a store only the plan speaks: no samples, and no series that fed it. */
export interface ExplainWorld {
  readonly reader: PlanReader;
  readonly tenant: Pick<Tenant, 'sources'>;
  /** Of groups that name no interval, ms. */
  readonly evaluationInterval: number;
  readonly store?: { readonly querier: Querier; readonly engine: RuleEngine };
}

export interface ExplainOptions {
  /** The latest sample up to here (ms) is explained. */
  readonly time: number;
  /** How many of the series that fed another are explained in turn. */
  readonly breadth: number;
  readonly signal?: AbortSignal;
}

/** How far back the latest sample of a series is looked for. */
export const EXPLAIN_WINDOW_MS = 3600_000;

const LOOKBACK_MS = 5 * 60_000;
const MAX_SHOWN_SAMPLES = 3;
/** Rules feed on each other in few levels; alerts over ratios over rates over raw series are four. */
const MAX_DEPTH = 8;
/** Explanations in one answer: what bounds its cost, with the engine's own limits. */
const MAX_EXPLANATIONS = 64;
/** Series that one selector is asked for. */
const MAX_COUNTED = 1000;

/**
 * Where a contextualized series comes from, down to raw series: rule, file and line, the steps from the raw labels, the
 * samples that fed it. What cannot be told from what is stored says so.
 *
 * @throws what the store and the engine throw.
 */
export async function explainSeries(
  series: Labels,
  world: ExplainWorld,
  options: ExplainOptions,
): Promise<Explanation> {
  const samples = await latestSamples(series, world, options);
  return new Explainer(world, options).explain(series, samples, options.time, 0);
}

async function latestSamples(
  series: Labels,
  { store }: ExplainWorld,
  { time, signal }: ExplainOptions,
): Promise<readonly StoredSample[]> {
  if (store === undefined) return [];
  const hints = { mint: time - EXPLAIN_WINDOW_MS, maxt: time, ...(signal && { signal }) };
  const found = await store.querier.select(hints, ...exactMatchers(series));
  return samplesOf(found.find(({ labels }) => labels.equals(series)));
}

function exactMatchers(series: Labels): Matcher[] {
  return [...series].map(({ name, value }) => new Matcher('=', name, value));
}

function samplesOf(series: Series | undefined): StoredSample[] {
  if (series === undefined) return [];
  const { timestamps, values } = series.floats;
  const first = Math.max(0, timestamps.length - MAX_SHOWN_SAMPLES);
  const floats = Array.from(timestamps.subarray(first), (timestamp, i) => ({
    timestamp,
    value: values[first + i] as number,
  }));
  const histograms = series.histograms?.histograms.slice(-MAX_SHOWN_SAMPLES) ?? [];
  const all: StoredSample[] = [...floats, ...histograms];
  return all.sort((a, b) => a.timestamp - b.timestamp).slice(-MAX_SHOWN_SAMPLES);
}

/** The latest float that is no stale marker. */
function latestFloat(samples: readonly StoredSample[]): number | undefined {
  const found = samples.findLast((sample) => 'value' in sample && !isStaleNaN(sample.value));
  return found !== undefined && 'value' in found ? found.value : undefined;
}

class Explainer {
  readonly #world: ExplainWorld;
  readonly #options: ExplainOptions;
  #explained = 0;

  constructor(world: ExplainWorld, options: ExplainOptions) {
    this.#world = world;
    this.#options = options;
  }

  async explain(series: Labels, samples: readonly StoredSample[], time: number, depth: number): Promise<Explanation> {
    this.#explained++;
    const { reader, tenant } = this.#world;
    const { plan, contextualizer } = reader;
    const normalised = explainNormalised(series, samples, { plan, tenant, contextualizer });
    if (normalised?.raw !== undefined) return normalised;
    const placed = reader.derivedRules(series);
    if (placed.length > 0) return this.#derived(series, samples, placed, time, depth);
    return normalised ?? this.#unknown(series, samples);
  }

  #unknown(series: Labels, samples: readonly StoredSample[]): Explanation {
    const named = this.#world.reader.recordedBy([new Matcher('=', METRIC_NAME, series.metricName)]);
    const note = named.length > 0 ? OTHER_LABELS : this.#noRecord(series.metricName);
    return { series: series.toString(), kind: 'unknown', note, rules: named, samples: samples.map(shownSample) };
  }

  #noRecord(metric: string): string {
    const made = this.#world.reader.madeOf(metric);
    return made.length === 0 ? NO_RULE : `a raw metric, of which rules make ${made.join(', ')}: ask for one of these`;
  }

  async #derived(
    series: Labels,
    samples: readonly StoredSample[],
    placed: readonly PlacedRule[],
    time: number,
    depth: number,
  ): Promise<Explanation> {
    const tried: Tried[] = [];
    for (const one of placed) tried.push(await this.#try(series, samples, one, time));
    const stored = latestFloat(samples);
    const best = mostLikely(tried, stored);
    const [first] = best;
    if (first === undefined) throw new Error(`BUG: no rule of ${series} is left`);
    const asked = this.#questions(first.placed);
    return {
      series: series.toString(),
      kind: first.placed.rule.kind === 'alerting' ? 'alert' : 'derived',
      rules: best.map((one) => shownDerivedRule(one.placed.rule)),
      samples: samples.map(shownSample),
      evaluation: first.evaluation,
      ...(asked.length > 0 ? { questions: asked, note: NOT_STORED } : { inputs: await this.#inputs(first, depth) }),
    };
  }

  /** Evaluates a rule for the time of the series' last sample, over nothing but what can contribute to it. */
  async #try(series: Labels, samples: readonly StoredSample[], placed: PlacedRule, time: number): Promise<Tried> {
    const { rule, group } = placed;
    const { store, evaluationInterval } = this.#world;
    const interval = group.interval ?? evaluationInterval;
    const offset = group.queryOffset ?? 0;
    const at = samples.at(-1)?.timestamp ?? Math.floor(time / interval) * interval - offset;
    const own =
      rule.kind === 'alerting' ? [...Object.keys(rule.labels), ALERT_NAME, 'alertstate'] : Object.keys(rule.labels);
    const expr = narrowInputs(parseExpr(rule.expr), knownLabels(series, own));
    const value =
      store === undefined || this.#questions(placed).length > 0
        ? undefined
        : await this.#value(series, placed, expr, at);
    const evaluation = {
      group: group.name,
      interval,
      time: at + offset,
      ...(value !== undefined && { value: formatFloat(value) }),
    };
    return { placed, expr, at, value, evaluation };
  }

  async #value(series: Labels, { rule }: PlacedRule, expr: Expr, at: number): Promise<number | undefined> {
    const { store } = this.#world;
    if (store === undefined) return undefined;
    const { signal } = this.#options;
    const { data } = await store.engine.instantQuery(store.querier, printExpr(expr), at, signal && { signal });
    const points = data.kind === 'vector' ? data.samples : [];
    const named = points.map(({ labels, value }) => ({ labels: resultLabels(labels, rule, series), value }));
    const scalar =
      data.kind === 'scalar' ? [{ labels: resultLabels(Labels.empty, rule, series), value: data.value }] : [];
    const found = [...named, ...scalar].find(({ labels }) => labels.equals(series));
    return typeof found?.value === 'number' ? found.value : undefined;
  }

  #questions({ rule }: PlacedRule) {
    const sources = this.#world.tenant.sources.filter((source): source is QuerySource => source.type === 'query');
    return sources.flatMap((source) =>
      this.#world.reader.questions(source, rule).map((query) => ({ source: source.name, query })),
    );
  }

  async #inputs({ expr, at }: Tried, depth: number): Promise<readonly ShownInput[]> {
    const inputs: ShownInput[] = [];
    for (const window of distinctWindows(expr, at)) inputs.push(await this.#input(window, at, depth));
    return inputs;
  }

  async #input({ selector, mint, maxt }: SelectionWindow, at: number, depth: number): Promise<ShownInput> {
    const { reader, store } = this.#world;
    const { signal, breadth } = this.#options;
    const shown = { selector: formatSelector(selector.matchers), recordedBy: reader.recordedBy(selector.matchers) };
    if (store === undefined || depth >= MAX_DEPTH) return { ...shown, series: [] };
    const hints = { mint, maxt, limit: MAX_COUNTED, ...(signal && { signal }) };
    const found = await store.querier.select(hints, ...selector.matchers);
    const explained: Explanation[] = [];
    for (const one of found.slice(0, breadth)) {
      if (this.#explained >= MAX_EXPLANATIONS) break;
      explained.push(await this.explain(one.labels, samplesOf(one), Math.min(at, maxt), depth + 1));
    }
    return { ...shown, found: found.length, series: explained };
  }
}

interface Tried {
  readonly placed: PlacedRule;
  readonly expr: Expr;
  readonly at: number;
  readonly value: number | undefined;
  readonly evaluation: ShownEvaluation;
}

const NO_RULE = 'no rule of the plan records such a metric; it may come from rules of an earlier plan';
const OTHER_LABELS = 'these rules record the metric, but none of them gives a series with these labels';
const NOT_STORED = 'the source was asked for results: the raw series stay on its server';

/** Rules that give what is stored; else those that give such a series at all; else all that may. */
function mostLikely(tried: readonly Tried[], stored: number | undefined): readonly Tried[] {
  const giving = tried.filter(({ value }) => value !== undefined);
  const equal = giving.filter(({ value }) => stored !== undefined && Object.is(value, stored));
  return [equal, giving, tried].find((some) => some.length > 0) ?? [];
}

/** The labels that a rule makes of a result. Templates of alerts are taken at their word. */
function resultLabels(labels: Labels, rule: PlacedRule['rule'], series: Labels): Labels {
  if (rule.kind === 'recording') return labels.with({ ...rule.labels, [METRIC_NAME]: rule.record });
  const own = [...Object.keys(rule.labels), ALERT_NAME, 'alertstate', METRIC_NAME];
  return labels.with(Object.fromEntries(own.map((name) => [name, series.get(name)])));
}

/** Each selector once, whatever function stands around it; of two windows the wider. */
function distinctWindows(expr: Expr, at: number): SelectionWindow[] {
  const times = { start: at, end: at, step: 0 };
  const options = { lookbackDelta: LOOKBACK_MS, defaultSubqueryStep: 60_000 };
  const widest = new Map<string, SelectionWindow>();
  for (const window of selectionWindows(resolveTimes(expr, times), times, options)) {
    const key = formatSelector(window.selector.matchers);
    const known = widest.get(key);
    const mint = Math.min(window.mint, known?.mint ?? window.mint);
    widest.set(key, { ...window, mint, maxt: Math.max(window.maxt, known?.maxt ?? window.maxt) });
  }
  return [...widest.values()];
}
