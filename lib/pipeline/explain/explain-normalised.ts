import type { Source, Tenant } from '../../context/tenant.ts';
import { formatFloat } from '../../model/format-float.ts';
import type { Histogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Sample } from '../../model/sample.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import type { Contextualizer } from '../../plan/contextualizer.ts';
import { type FoundRaw, findRaw } from '../../plan/explain/find-raw.ts';
import { invertValue } from '../../plan/explain/invert-value.ts';
import { labelChanges } from '../../plan/explain/label-changes.ts';
import { type TraceStep, traceSeries } from '../../plan/explain/trace-series.ts';
import { NAME_LABEL } from '../../plan/mapping.ts';
import type { KeptRaw, MappingRule, Plan } from '../../plan/plan.ts';
import { compileMatchers, matchesAll } from '../../plan/selection.ts';
import type { Explanation, ShownRaw, ShownRule, ShownSample } from './explanation.ts';

/** Explains a series that the worker made of a raw one: which rule, which raw series, and every step between them. */
export function explainNormalised(
  series: Labels,
  samples: readonly StoredSample[],
  { plan, tenant, contextualizer }: NormalisedContext,
): Explanation | undefined {
  const rules = rulesFor(series, plan);
  if (rules.length === 0) return undefined;
  const sources = tenant.sources.filter(({ type }) => type !== 'query');
  const found = rules.flatMap((rule) =>
    sources.flatMap((source) => {
      const raw = findRaw(series, { plan, contextualizer, rule, scope: source.scope });
      return raw === undefined ? [] : [{ rule, source, raw }];
    }),
  );
  const known = {
    series: series.toString(),
    kind: 'record' in (rules[0] as object) ? ('normalised' as const) : ('kept raw' as const),
    samples: samples.map(shownSample),
  };
  const [first] = found;
  if (first === undefined) {
    return { ...known, rules: rules.map(shownRule), sources: sources.map(shownSource), note: NOT_FOUND };
  }
  const ofFirst = found.filter(({ raw }) => raw.raw.equals(first.raw.raw));
  return {
    ...known,
    rules: [shownRule(first.rule)],
    raw: shownRaw(first.raw, first.rule, samples),
    sources: unique(ofFirst.map(({ source }) => source)).map(shownSource),
    steps: [
      ...traceSeries(plan, first.raw.raw, first.source.scope, first.rule),
      ...budgetSteps(series, first.raw.output.labels),
    ],
  };
}

/** The last step of series that came after the budget of their service's contexts was used up. */
function budgetSteps(series: Labels, mapped: Labels): TraceStep[] {
  const changes = labelChanges(mapped, series);
  return changes.length === 0 ? [] : [{ step: 'budget', what: BUDGET, changes }];
}

const BUDGET = 'the budget of request contexts of the service is used up; sums stay exact';

/** A sample as the store has it. */
export type StoredSample = Sample | Histogram;

export interface NormalisedContext {
  readonly plan: Plan;
  readonly tenant: Pick<Tenant, 'sources'>;
  readonly contextualizer: Contextualizer;
}

const NOT_FOUND =
  'the raw series cannot be reconstructed from what is stored: a step overwrote what it read, or the rules have changed since';

/** Rules whose result such a series can be, most of them by their labels alone. */
function rulesFor(series: Labels, plan: Plan): readonly (MappingRule | KeptRaw)[] {
  const mapped = plan.mappings.filter(
    ({ record, labels }) =>
      record === series.metricName && Object.entries(labels).every(([name, value]) => series.get(name) === value),
  );
  if (mapped.length > 0 && series.has(NAME_LABEL)) return mapped;
  return plan.keptRaw.filter((rule) => matchesAll(matchersOf(rule), series)).slice(0, 1);
}

const compiled = new WeakMap<KeptRaw, readonly Matcher[]>();

function matchersOf(rule: KeptRaw): readonly Matcher[] {
  const known = compiled.get(rule) ?? compileMatchers(rule.matchers);
  compiled.set(rule, known);
  return known;
}

/** A mapping rule, or the reason why raw series are kept, as people read it. */
export function shownRule(rule: MappingRule | KeptRaw): ShownRule {
  if ('record' in rule) {
    const { record, expr, labels, origin } = rule;
    return { name: record, kind: 'mapping', expr, labels, origin };
  }
  return { name: '', kind: 'kept raw', expr: rule.expr, labels: {}, origin: rule.origin };
}

export function shownSample(sample: StoredSample): ShownSample {
  if ('isFloat' in sample) {
    const { timestamp, count, sum } = sample;
    return {
      timestamp,
      value: isStaleNaN(sum) ? 'stale' : `histogram count=${formatFloat(count)} sum=${formatFloat(sum)}`,
    };
  }
  const { timestamp, value } = sample;
  return { timestamp, value: isStaleNaN(value) ? 'stale' : formatFloat(value) };
}

function shownSource({ name, type }: Source) {
  return { name, type };
}

function shownRaw(
  { raw, output, uncertain }: FoundRaw,
  rule: MappingRule | KeptRaw,
  samples: readonly StoredSample[],
): ShownRaw {
  const steps = 'steps' in rule ? rule.steps : [];
  return {
    series: raw.toString(),
    uncertain,
    // What the mapping did to histograms is not undone: they are shown as they are stored.
    samples: samples.flatMap((sample) => {
      if ('isFloat' in sample) return [];
      const { value, exact } = invertValue(steps, output.map, sample.value);
      return [{ ...shownSample({ timestamp: sample.timestamp, value }), exact }];
    }),
  };
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
