import { OTHER_CONTEXT, REQUEST_CONTEXT_LABEL } from '../../context/request-context.ts';
import { ENV_LABEL, SITE_LABEL } from '../../context/scope.ts';
import type { ScopeConfig } from '../../context/tenant.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { ContextualizedOutput, Contextualizer } from '../contextualizer.ts';
import { NAME_LABEL } from '../mapping.ts';
import type { KeptRaw, MappingRule, Plan } from '../plan.ts';
import { writtenLabel } from '../written-label.ts';
import { formerValues } from './invert-label.ts';
import { labelChanges } from './label-changes.ts';

/** A raw series that becomes the series in question, found by reasoning and proven by running it forward. */
export interface FoundRaw {
  readonly raw: Labels;
  readonly output: ContextualizedOutput;
  /**
   * Labels that the raw series may have had as well, not have had, or with another value: it becomes the same series
   * either way, so nobody can tell.
   */
  readonly uncertain: readonly string[];
}

export interface RawQuestion {
  readonly plan: Pick<Plan, 'relabelConfigs'>;
  readonly contextualizer: Contextualizer;
  readonly rule: MappingRule | KeptRaw;
  readonly scope: ScopeConfig;
}

const MAX_ROUNDS = 4;

/**
 * The raw series that a rule turned into `series` under a scope. A normalised series has all labels of its raw series, and
 * those that scope, relabel configs and rule wrote: without the latter, and with what then turns out to be missing, it is
 * the raw series. Undefined where no such series becomes this one, mostly because a step overwrote what it read.
 */
export function findRaw(series: Labels, question: RawQuestion): FoundRaw | undefined {
  const { rule } = question;
  const ruleLabels = 'record' in rule ? Object.keys(rule.labels) : [];
  const name = 'record' in rule ? series.get(NAME_LABEL) : series.metricName;
  if (name === '') return undefined;
  const kept = series.without(NAME_LABEL, ...ruleLabels).with({ [METRIC_NAME]: name });
  const written = writtenLabels(question);
  for (const start of [kept.without(...written), kept]) {
    const found = refine(start, series, question);
    if (found === undefined) continue;
    const least = leastRaw(found, series, question);
    const former = beforeRewrites(beforeRenames(least, series, question), series, question);
    const rewritten = labelChanges(least.raw, former.raw).map(({ label }) => label);
    const either = uncertainLabels(former.raw, kept, series, [...written, ...ruleLabels], question);
    return { ...former, uncertain: [...new Set([...rewritten, ...either])].sort() };
  }
  return undefined;
}

function writtenLabels({ plan, rule }: RawQuestion): string[] {
  const byConfigs = plan.relabelConfigs.flatMap((config) => writtenLabel(config) ?? []);
  const bySteps =
    'steps' in rule ? rule.steps.flatMap((step) => ('targetLabel' in step ? [step.targetLabel] : [])) : [];
  const all = new Set([ENV_LABEL, SITE_LABEL, ...byConfigs, ...bySteps]);
  return [...all].filter((label) => !SCRAPED.has(label) && label !== 'any');
}

/** Runs a guess forward and gives it what it lacks, until it becomes the series. */
function refine(start: Labels, series: Labels, question: RawQuestion): Omit<FoundRaw, 'uncertain'> | undefined {
  let raw = start;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const output = outputOf(raw, question);
    if (output !== undefined && becomes(output, series)) return { raw, output };
    const next = output === undefined ? withAll(raw, series, question) : withMissing(raw, output.labels, series);
    if (next.equals(raw)) return output === undefined ? undefined : guess(raw, output.labels, series, question);
    raw = next;
  }
  return undefined;
}

/** Labels that every scraped series has. */
const SCRAPED = new Set([METRIC_NAME, 'job', 'instance']);

/** Without the labels that some step writes again when they are not there: an exporter has less to say than we add. */
function leastRaw(
  found: Omit<FoundRaw, 'uncertain'>,
  series: Labels,
  question: RawQuestion,
): Omit<FoundRaw, 'uncertain'> {
  let least = found;
  for (const { name } of found.raw) {
    if (SCRAPED.has(name)) continue;
    const raw = least.raw.without(name);
    const output = outputOf(raw, question);
    if (output !== undefined && becomes(output, series)) least = { raw, output };
  }
  return least;
}

/** With the names that labels had where a config moved their values: what it wrote is taken away, what it read put back. */
function beforeRenames(found: Omit<FoundRaw, 'uncertain'>, series: Labels, question: RawQuestion) {
  let former = found;
  for (const { targetLabel, sourceLabels } of question.plan.relabelConfigs) {
    const value = former.raw.get(targetLabel);
    const sources = sourceLabels.filter((name) => name !== METRIC_NAME && !former.raw.has(name));
    if (value === '' || SCRAPED.has(targetLabel)) continue;
    for (const source of sources) {
      const raw = former.raw.without(targetLabel).with({ [source]: value });
      const output = outputOf(raw, question);
      if (output === undefined || !becomes(output, series)) continue;
      former = { raw, output };
      break;
    }
  }
  return former;
}

/**
 * With the values that labels had before the rule rewrote them, where the rewritten ones would pass as well: a rule that
 * turns `le="250"` of milliseconds into `0.250` was written for the former.
 */
function beforeRewrites(found: Omit<FoundRaw, 'uncertain'>, series: Labels, question: RawQuestion) {
  const steps = 'steps' in question.rule ? question.rule.steps : [];
  let former = found;
  for (const { name, value } of found.raw) {
    for (const guessed of formerValues(name, value, [], steps)) {
      const raw = former.raw.with({ [name]: guessed });
      const output = outputOf(raw, question);
      if (guessed !== '' && output !== undefined && becomes(output, series)) former = { raw, output };
    }
  }
  return former;
}

/** The selector needs a label that was taken away. */
function withAll(raw: Labels, series: Labels, { rule }: RawQuestion): Labels {
  const read = rule.matchers.map(({ name }) => name).filter((name) => name !== METRIC_NAME && !raw.has(name));
  return raw.with(Object.fromEntries(read.map((name) => [name, series.get(name)])));
}

function withMissing(raw: Labels, got: Labels, series: Labels): Labels {
  const missing = [...series].filter(({ name, value }) => name !== METRIC_NAME && got.get(name) !== value);
  return raw.with(Object.fromEntries(missing.map(({ name, value }) => [name, value])));
}

/** One label was rewritten from itself: the values that it may have had are tried one by one. */
function guess(
  raw: Labels,
  got: Labels,
  series: Labels,
  question: RawQuestion,
): Omit<FoundRaw, 'uncertain'> | undefined {
  const steps = 'steps' in question.rule ? question.rule.steps : [];
  const names = new Set([...got, ...series].map(({ name }) => name));
  for (const name of names) {
    if (name === METRIC_NAME || got.get(name) === series.get(name)) continue;
    for (const value of formerValues(name, series.get(name), question.plan.relabelConfigs, steps)) {
      const candidate = raw.with({ [name]: value });
      const output = outputOf(candidate, question);
      if (output !== undefined && becomes(output, series)) return { raw: candidate, output };
    }
  }
  return undefined;
}

/** Whether it is the series, or was until the budget of contexts folded it into the one for all others. */
function becomes({ labels }: ContextualizedOutput, series: Labels): boolean {
  if (labels.equals(series)) return true;
  if (series.get(REQUEST_CONTEXT_LABEL) !== OTHER_CONTEXT || !labels.has(REQUEST_CONTEXT_LABEL)) return false;
  return labels.with({ [REQUEST_CONTEXT_LABEL]: OTHER_CONTEXT }).equals(series);
}

function outputOf(raw: Labels, { contextualizer, scope, rule }: RawQuestion): ContextualizedOutput | undefined {
  const result = contextualizer.preview(raw, scope);
  return result.kind === 'mapped' ? result.outputs.find((output) => output.rule === rule) : undefined;
}

/** Labels that steps write whatever stood there before. */
function uncertainLabels(
  raw: Labels,
  kept: Labels,
  series: Labels,
  candidates: readonly string[],
  question: RawQuestion,
): string[] {
  const names = new Set([...SCRAPED, ...candidates, ...[...kept].map(({ name }) => name)]);
  return [...names].sort().filter((name) => {
    if (name === METRIC_NAME) return false;
    // A label that steps take away, or write whatever stood there, may have had any value.
    const others = [raw.has(name) ? '' : kept.get(name) || series.get(name), 'any'];
    return others.some((value) => {
      const output = value === raw.get(name) ? undefined : outputOf(raw.with({ [name]: value }), question);
      return output !== undefined && becomes(output, series);
    });
  });
}
