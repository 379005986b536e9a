import { isStaleNaN } from '../../model/stale-marker.ts';
import { Contextualizer } from '../../plan/contextualizer.ts';
import type { Plan } from '../../plan/plan.ts';
import type { SequenceValue } from '../../promql/notation/sequence-value.ts';
import { sameFloat } from './compare-results.ts';
import { formatSequenceValue } from './format-sample.ts';
import { sameHistogram } from './same-histogram.ts';
import type { ContextualizeTest, TestGroup, TestSeries } from './test-file.ts';

/**
 * Runs the `contextualize` cases of a test: raw series go through the scope, the relabel configs and the mapping rules
 * under test. Every series that comes out, and every one that is dropped, has to be expected, and nothing else.
 *
 * @returns what is wrong, one text a case.
 */
export function runContextualize({ contextualize, name }: TestGroup, plan: Plan, fuzzy: boolean): readonly string[] {
  return contextualize.flatMap((test, i) => {
    const got = outcomeOf(test, plan);
    const problems = [...seriesProblems(test.series, got.series, fuzzy), ...dropProblems(test, got.dropped)];
    if (problems.length === 0) return [];
    const head = name === '' ? '' : `    name: ${name},\n`;
    return [`${head}    contextualize: case ${i + 1},\n${problems.map((line) => `        ${line}`).join('\n')}`];
  });
}

interface Outcome {
  readonly series: readonly TestSeries[];
  readonly dropped: readonly { readonly labels: string; readonly reason: string; readonly detail: string }[];
}

function outcomeOf({ input, scope }: ContextualizeTest, plan: Plan): Outcome {
  const contextualizer = new Contextualizer(plan);
  const series: TestSeries[] = [];
  const dropped: { labels: string; reason: string; detail: string }[] = [];
  for (const { labels, values } of input) {
    const result = contextualizer.contextualize(labels, scope);
    if (result.kind === 'dropped') {
      dropped.push({ labels: labels.toString(), reason: result.reason, detail: result.detail });
      continue;
    }
    for (const output of result.outputs) {
      series.push({ labels: output.labels, values: values.map((value) => mapped(value, output.map)) });
    }
  }
  return { series, dropped };
}

/** Scaled as the worker scales floats; histograms keep the shape that they came in. */
function mapped(value: SequenceValue, map: (value: number) => number): SequenceValue {
  if (value.kind !== 'float' || isStaleNaN(value.value)) return value;
  return { kind: 'float', value: map(value.value) };
}

function seriesProblems(expected: readonly TestSeries[], got: readonly TestSeries[], fuzzy: boolean): string[] {
  const seen = new Map(got.map((series) => [series.labels.key, series]));
  const problems: string[] = [];
  for (const series of expected) {
    const other = seen.get(series.labels.key);
    seen.delete(series.labels.key);
    if (other === undefined) problems.push(`exp: ${seriesText(series)}`, 'got: nothing');
    else if (!sameValues(series.values, other.values, fuzzy)) {
      problems.push(`exp: ${seriesText(series)}`, `got: ${seriesText(other)}`);
    }
  }
  return [...problems, ...[...seen.values()].flatMap((series) => ['exp: nothing', `got: ${seriesText(series)}`])];
}

function sameValues(a: readonly SequenceValue[], b: readonly SequenceValue[], fuzzy: boolean): boolean {
  return a.length === b.length && a.every((value, i) => sameValue(value, b[i] as SequenceValue, fuzzy));
}

function sameValue(a: SequenceValue, b: SequenceValue, fuzzy: boolean): boolean {
  if (a.kind === 'float' && b.kind === 'float') {
    return isStaleNaN(a.value) === isStaleNaN(b.value) && sameFloat(a.value, b.value, fuzzy);
  }
  if (a.kind === 'histogram' && b.kind === 'histogram') return sameHistogram(a.histogram, b.histogram, a.hintGiven);
  return a.kind === b.kind;
}

function dropProblems({ dropped: expected }: ContextualizeTest, got: Outcome['dropped']): string[] {
  const seen = new Map(got.map((one) => [one.labels, one]));
  const problems: string[] = [];
  for (const { labels, reason } of expected) {
    const other = seen.get(labels.toString());
    seen.delete(labels.toString());
    if (other?.reason === reason) continue;
    const instead = other === undefined ? 'not dropped' : `dropped: ${other.reason} (${other.detail})`;
    problems.push(`exp: ${labels} dropped: ${reason}`, `got: ${instead}`);
  }
  const others = [...seen.values()];
  return [
    ...problems,
    ...others.flatMap((one) => ['exp: nothing', `got: ${one.labels} dropped: ${one.reason} (${one.detail})`]),
  ];
}

function seriesText({ labels, values }: TestSeries): string {
  return `${labels} ${values.map(formatSequenceValue).join(' ')}`;
}
