import { identitySources, isIdentityLabel } from '../context/identity.ts';
import { ENV_LABEL, SITE_LABEL } from '../context/scope.ts';
import type { ScopeConfig } from '../context/tenant.ts';
import { METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Expr, VectorSelector } from '../promql/ast.ts';
import { formatDecimal } from '../promql/format-number.ts';
import { printExpr } from '../promql/print.ts';
import { children, walk } from '../promql/walk.ts';
import { allowAbsent } from './allow-absent.ts';
import { NAME_LABEL } from './mapping.ts';
import type { LabelStep } from './mapping-expr.ts';
import type { MappingRule, MappingStep, Plan, PlannedRelabelConfig } from './plan.ts';
import { applyElementwise, type Elementwise, isFilter, isOfHistograms } from './push-down-elementwise.ts';
import { concernedConfigs, labelNeeds } from './push-down-labels.ts';
import type { QueryDrafts } from './push-down-queries.ts';
import { type Combine, groupContextualizer, NotPushedError, type PushedQuestion } from './push-down-read.ts';
import type { SelectorReads } from './push-down-reads.ts';
import { selectedNames } from './recorded-series.ts';
import { compileMatchers } from './selection.ts';
import { writesMetricName } from './selection-terms.ts';
import { writtenLabel } from './written-label.ts';

/** A read of raw or normalised series: a selector, or the call over its window. */
export interface Leaf {
  readonly selector: VectorSelector;
  readonly expr: Expr;
  readonly func?: string;
  readonly reads: SelectorReads;
  /** Applied by the server to what `expr` gives, innermost first. */
  readonly functions?: readonly Elementwise[];
  /** What happens to the labels of its groups then, innermost first. */
  readonly labelSteps?: readonly LabelStep[];
}

interface LeafContext {
  readonly plan: Plan;
  readonly scope: ScopeConfig;
  readonly drafts: QueryDrafts;
}

interface Grouping {
  readonly combine: Combine;
  readonly labels: readonly string[];
}

/**
 * The questions whose answers make up a read: one for each raw metric of each rule that can make what the selector asks
 * for. They are grouped by the server where the labels that matter can be listed.
 *
 * @throws NotPushedError
 */
export function questionsOf(
  leaf: Leaf,
  grouping: Grouping | undefined,
  context: LeafContext,
): { readonly questions: readonly PushedQuestion[]; readonly combine: Combine | undefined } {
  if (writesMetricName(context.plan.relabelConfigs)) throw new NotPushedError('a relabel config writes __name__');
  const sources: Origin[] = [
    ...leaf.reads.mappings.flatMap((mapping) => rawNamesOf(mapping).map((metric) => ({ metric, mapping }))),
    ...leaf.reads.raw.map((metric) => ({ metric })),
  ];
  const grouped = grouping && sources.map((origin) => plannedGroup(origin, leaf, grouping, context));
  if (grouped?.every((one) => one !== undefined)) {
    return { questions: grouped.map((one) => ask(one, leaf, grouping, context)), combine: grouping?.combine };
  }
  const { relabelConfigs } = context.plan;
  const whole = sources.map((origin) => ({ ...splitMatchers(origin, leaf, context), relabelConfigs, labels: [] }));
  return { questions: whole.map((one) => ask(one, leaf, undefined, context)), combine: undefined };
}

/** The raw metrics that a mapping rule reads. */
export function rawNamesOf({ matchers }: MappingRule): readonly string[] {
  const names = selectedNames(compileMatchers(matchers));
  if (names === undefined) throw new NotPushedError('a mapping rule whose metric names cannot be listed');
  return names;
}

interface Origin {
  readonly metric: string;
  readonly mapping?: MappingRule;
}

interface Planned extends Origin, SplitMatchers {
  readonly relabelConfigs: readonly PlannedRelabelConfig[];
  readonly labels: readonly string[];
}

function ask(planned: Planned, leaf: Leaf, grouping: Grouping | undefined, context: LeafContext): PushedQuestion {
  const { metric, mapping, onServer, scopedMatchers, outputMatchers, relabelConfigs, labels } = planned;
  const { func, functions = [], labelSteps = [] } = leaf;
  const read = scaled(serverExpr(leaf, metric, onServer), func, mapping?.steps ?? []);
  return {
    query: context.drafts.add({
      metric,
      ...reachOf(leaf),
      inner: applyElementwise(functions, read),
      ofHistograms: functions.some(isOfHistograms),
      combine: grouping?.combine,
      labels,
    }),
    contextualize: groupContextualizer({
      rawName: metric,
      scope: context.scope,
      relabelConfigs,
      ...(mapping === undefined ? {} : { mapping }),
      scopedMatchers,
      outputMatchers,
      labelSteps,
      keepsName:
        (func === undefined || func === 'last_over_time' || func === 'first_over_time') &&
        functions.every(({ expr }) => isFilter(expr)),
    }),
  };
}

/** What the server has to group by; undefined where the labels that matter cannot be listed. */
function plannedGroup(
  origin: Origin,
  leaf: Leaf,
  { labels: wanted }: Grouping,
  context: LeafContext,
): Planned | undefined {
  const split = splitMatchers(origin, leaf, context);
  const fixed = origin.mapping?.labels ?? {};
  const steps = origin.mapping?.steps ?? [];
  const looked = [
    ...labelsUnder(leaf.labelSteps ?? [], wanted).filter((name) => !Object.hasOwn(fixed, name)),
    ...[...split.scopedMatchers, ...split.outputMatchers].map(({ name }) => name),
    ...steps.flatMap(labelsOfStep),
  ];
  const sources = looked.flatMap((name) => identitySources(name, context.scope.identity));
  const needs = labelNeeds(context.plan.relabelConfigs, origin.metric, [...sources, ENV_LABEL]);
  if (needs === undefined) return undefined;
  const labels = new Set(needs.labels);
  const { env, site } = context.scope;
  const needsSite = labels.has(SITE_LABEL);
  for (const ours of [ENV_LABEL, SITE_LABEL, NAME_LABEL, METRIC_NAME]) labels.delete(ours);
  for (const name of [...env.labels, ...(needsSite ? site.labels : [])]) labels.add(name);
  return { ...split, relabelConfigs: needs.configs, labels: [...labels].sort() };
}

/** The labels that have to be known so that the `wanted` ones are, after the steps. */
function labelsUnder(steps: readonly LabelStep[], wanted: readonly string[]): readonly string[] {
  const labels = new Set(wanted);
  for (const step of steps.toReversed()) {
    if (!labels.has(step.targetLabel)) continue;
    // Where the regex does not match, the target stays as it was.
    if (step.kind === 'label_join' || MATCHES_ALL.has(step.regex)) labels.delete(step.targetLabel);
    for (const name of step.kind === 'label_join' ? step.sourceLabels : [step.sourceLabel]) labels.add(name);
  }
  return [...labels];
}

const MATCHES_ALL = new Set(['.*', '(.*)']);

function labelsOfStep(step: MappingStep): readonly string[] {
  if (step.kind === 'label_replace') return [step.sourceLabel, step.targetLabel];
  return step.kind === 'label_join' ? [...step.sourceLabels, step.targetLabel] : [];
}

interface SplitMatchers extends Origin {
  readonly onServer: readonly Matcher[];
  readonly scopedMatchers: readonly Matcher[];
  readonly outputMatchers: readonly Matcher[];
}

/** Matchers on raw labels that nobody writes are for the server; the others are checked when everything is written. */
function splitMatchers(origin: Origin, { selector }: Leaf, { plan, scope }: LeafContext): SplitMatchers {
  const { mapping, metric } = origin;
  const isWritten = writtenLabelTest(plan.relabelConfigs, metric);
  const isGuessed = (name: string) => scope.identity !== undefined && isIdentityLabel(name);
  const isRaw = (name: string) => !isWritten(name) && !isGuessed(name);
  const targets = new Set((mapping?.steps ?? []).flatMap((step) => ('targetLabel' in step ? [step.targetLabel] : [])));
  const read = compileMatchers(mapping?.matchers ?? []).filter(({ name }) => name !== METRIC_NAME);
  const asked = selector.matchers.filter(
    ({ name }) => name !== METRIC_NAME && !Object.hasOwn(mapping?.labels ?? {}, name),
  );
  const isRawOutput = ({ name }: Matcher) => isRaw(name) && !targets.has(name);
  // A label that is only added where it is absent: the server can leave out what has another value.
  const mayBeAdded = read.filter(({ name }) => isGuessed(name) && !isWritten(name));
  return {
    metric,
    ...(mapping === undefined ? {} : { mapping }),
    onServer: [
      ...read.filter(({ name }) => isRaw(name)),
      ...asked.filter(isRawOutput),
      ...compileMatchers(mayBeAdded.flatMap(allowAbsent)),
    ],
    scopedMatchers: read.filter(({ name }) => !isRaw(name)),
    outputMatchers: asked.filter((matcher) => !isRawOutput(matcher)),
  };
}

/** Whether scope or relabelling may give series of a metric another value of a label than the server has. */
function writtenLabelTest(relabelConfigs: readonly PlannedRelabelConfig[], metric: string): (name: string) => boolean {
  const concerned = concernedConfigs(relabelConfigs, metric);
  const written = concerned.map(writtenLabel);
  const isOpen = written.includes('any') || concerned.some(({ action }) => /^label(drop|keep)$/.test(action));
  const ours = new Set([ENV_LABEL, SITE_LABEL, NAME_LABEL, ...written]);
  return (name) => isOpen || ours.has(name);
}

/** An instant selector looks back for five minutes; servers that look further find only what is older than that. */
const LOOKBACK_MS = 5 * 60_000;

function reachOf({ selector, expr }: Leaf): { readonly reach?: number } {
  if (selector.timestamp !== undefined) return {};
  const windows = [...walk(expr)].flatMap((node) => (node.kind === 'matrixSelector' ? [node.range] : []));
  return { reach: Math.max(LOOKBACK_MS, ...windows) + Math.max(0, selector.offset) };
}

function serverExpr({ selector, expr }: Leaf, metric: string, onServer: readonly Matcher[]): string {
  const distinct = new Map(onServer.map((matcher) => [String(matcher), matcher]));
  const raw: VectorSelector = { ...selector, name: metric, matchers: [...distinct.values()] };
  return printExpr(replace(expr, selector, raw));
}

function replace(expr: Expr, selector: VectorSelector, raw: VectorSelector): Expr {
  if (expr === selector) return raw;
  if (expr.kind === 'call') return { ...expr, args: expr.args.map((arg) => replace(arg, selector, raw)) };
  if (expr.kind === 'matrixSelector') return expr.selector === selector ? { ...expr, selector: raw } : expr;
  if (expr.kind === 'parenExpr') return { ...expr, expr: replace(expr.expr, selector, raw) };
  if (children(expr).length > 0) throw new NotPushedError('an expression as the parameter of a function over a window');
  return expr;
}

/** Functions of a window for which f(c·x) is c·f(x): for every c, or (counter resets, extremes) for positive ones. */
const LINEAR = new Set([
  'avg_over_time',
  'delta',
  'deriv',
  'first_over_time',
  'idelta',
  'last_over_time',
  'predict_linear',
  'sum_over_time',
]);
const POSITIVELY_LINEAR = new Set([
  'increase',
  'irate',
  'max_over_time',
  'min_over_time',
  'quantile_over_time',
  'rate',
  'stddev_over_time',
]);

/** Scales a selector or, where that is the same, what a function makes of its window. */
function scaled(expr: string, func: string | undefined, steps: readonly MappingStep[]): string {
  const scales = steps.filter((step) => 'operand' in step);
  if (scales.length === 0 || func === 'timestamp') return expr;
  const isPositive = scales.every(({ operand }) => operand > 0);
  const isLinear = func === undefined || LINEAR.has(func) || (isPositive && POSITIVELY_LINEAR.has(func));
  if (!isLinear) throw new NotPushedError(`${func}() over a metric that a mapping rule scales`);
  return scales.reduce((text, { kind, operand }) => {
    const factor = operand < 0 ? `(${formatDecimal(operand)})` : formatDecimal(operand);
    return `${text} ${kind === 'multiply' ? '*' : '/'} ${factor}`;
  }, expr);
}
