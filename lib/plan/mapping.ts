import { REQUEST_CONTEXT_LABEL, requestContext } from '../context/request-context.ts';
import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { compileAnchored } from '../model/regexp.ts';
import { isStaleNaN } from '../model/stale-marker.ts';
import { LabelBuilder } from '../relabel/label-builder.ts';
import { capture, parseTemplate } from '../relabel/template.ts';
import type { MappingRule, MappingStep } from './plan.ts';
import { compileMatchers } from './selection.ts';

/** The label that keeps the name of the raw metric: where a contextualized series comes from. */
export const NAME_LABEL = 'asserts_name';

/** A mapping rule made ready to run. */
export interface Mapping {
  readonly rule: MappingRule;
  readonly matchers: readonly Matcher[];
  /** The labels that the rule makes of a series which its matchers match. `rawName` goes to `asserts_name`. */
  readonly mapLabels: (labels: Labels, rawName: string) => Labels;
  /** What the rule does to each value. Stale markers pass unchanged. */
  readonly mapValue: (value: number) => number;
}

/** @throws RegexpError when a regex of the rule is not valid RE2. */
export function compileMapping(rule: MappingRule): Mapping {
  const steps = rule.steps.map(labelStep);
  const ruleLabels = Object.entries(rule.labels);
  const mapLabels = (labels: Labels, rawName: string): Labels => {
    const builder = new LabelBuilder(labels);
    for (const step of steps) step(builder);
    builder.set(NAME_LABEL, rawName);
    // As a recording rule does it: the record becomes the name, then the rule's labels win over the series' own.
    builder.set(METRIC_NAME, rule.record);
    for (const [name, value] of ruleLabels) builder.set(name, value);
    const context = builder.get(REQUEST_CONTEXT_LABEL);
    if (context !== '') builder.set(REQUEST_CONTEXT_LABEL, requestContext(context));
    return builder.labels();
  };
  return { rule, matchers: compileMatchers(rule.matchers), mapLabels, mapValue: valueFunction(rule.steps) };
}

/** What `label_replace` and `label_join` make of a series' labels, one after the other. */
export function compileLabelSteps(steps: readonly MappingStep[]): (labels: Labels) => Labels {
  const compiledSteps = steps.map(labelStep);
  return (labels) => {
    const builder = new LabelBuilder(labels);
    for (const step of compiledSteps) step(builder);
    return builder.labels();
  };
}

type LabelStep = (builder: LabelBuilder) => void;

function labelStep(step: MappingStep): LabelStep {
  switch (step.kind) {
    case 'multiply':
    case 'divide':
      // Arithmetic drops the name, and a label_replace around it can no longer read it.
      return (builder) => builder.set(METRIC_NAME, '');
    case 'label_join':
      return (builder) =>
        builder.set(step.targetLabel, step.sourceLabels.map((name) => builder.get(name)).join(step.separator));
    case 'label_replace':
      return labelReplace(step);
  }
}

function labelReplace(step: Extract<MappingStep, { kind: 'label_replace' }>): LabelStep {
  const regexp = compiledOnce(step.regex);
  const replacement = parseTemplate(step.replacement);
  return (builder) => {
    const captures = capture(regexp, builder.get(step.sourceLabel));
    if (captures !== undefined) builder.set(step.targetLabel, replacement.expand(captures));
  };
}

/** Bounds of histograms are converted by the same few regexes in every rule. */
function compiledOnce(regex: string): ReturnType<typeof compileAnchored> {
  let program = compiled.get(regex);
  if (program === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    program = compileAnchored(regex);
    compiled.set(regex, program);
  }
  return program;
}

const compiled = new Map<string, ReturnType<typeof compileAnchored>>();
const MAX_COMPILED = 10_000;

function identity(value: number): number {
  return value;
}

/** Division is division: `x / 1000` is not `x * 0.001` in its last bit. */
function valueFunction(steps: readonly MappingStep[]): (value: number) => number {
  const scales = steps.filter((step) => 'operand' in step);
  if (scales.length === 0) return identity;
  return (value) => {
    if (isStaleNaN(value)) return value;
    let scaled = value;
    for (const { kind, operand } of scales) scaled = kind === 'multiply' ? scaled * operand : scaled / operand;
    return scaled;
  };
}
