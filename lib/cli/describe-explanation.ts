import type { Explanation, ShownEvaluation, ShownInput, ShownRaw, ShownRule } from '../pipeline/explain/explanation.ts';
import type { LabelChange } from '../plan/explain/label-changes.ts';
import type { TraceStep } from '../plan/explain/trace-series.ts';
import { formatDuration } from '../promql/duration.ts';

/** An explanation as text for people: the series, what made it, and, further and further in, what that was made of. */
export function describeExplanation(explanation: Explanation): string {
  return `${lines(explanation).join('\n')}\n`;
}

function lines(explanation: Explanation): string[] {
  const { series, kind, note, rules, samples, raw, sources, steps, evaluation, inputs, questions } = explanation;
  const own = [
    `${kind}${rules.length > 1 ? ', by one of' : ''}`,
    ...rules.flatMap(ruleLines),
    ...(note === undefined ? [] : [`note: ${note}`]),
    ...(samples.length === 0 ? [] : [`samples  ${samples.map(sampleText).join('  ')}`]),
    ...(evaluation === undefined ? [] : [evaluationText(evaluation)]),
    ...(raw === undefined ? [] : rawLines(raw)),
    ...(sources === undefined || sources.length === 0 ? [] : [`came in by  ${sources.map(sourceText).join(' or ')}`]),
    ...(steps ?? []).flatMap(stepLines),
    ...(questions ?? []).map(({ source, query }) => `source ${source} was asked  ${query}`),
    ...(inputs ?? []).flatMap(inputLines),
  ];
  return [series, ...indent(own)];
}

function indent(texts: readonly string[]): string[] {
  return texts.map((text) => `  ${text}`);
}

function ruleLines({ name, kind, expr, origin: { pack, file, line, group } }: ShownRule): string[] {
  const what = kind === 'kept raw' ? 'kept as it is, for the rule' : `${kind} rule ${name}`;
  return [`${what} at ${file}:${line} (pack ${pack}, group ${group})`, `  ${expr}`];
}

function sampleText({ timestamp, value }: { readonly timestamp: number; readonly value: string }): string {
  return `${value} @ ${new Date(timestamp).toISOString()}`;
}

function evaluationText({ group, interval, time, value }: ShownEvaluation): string {
  const when = `evaluated by group ${group} every ${formatDuration(interval)}, at ${new Date(time).toISOString()}`;
  return value === undefined ? when : `${when}; evaluated again for that time it gives ${value}`;
}

function rawLines({ series, uncertain, samples }: ShownRaw): string[] {
  // Context labels nearly always could have been there; that says nothing about the exporter.
  const own = uncertain.filter((name) => !name.startsWith('asserts_'));
  const unsure =
    own.length === 0 ? [] : [`  (what it had of ${own.join(', ')} cannot be told: it makes no difference)`];
  const rounded = samples.some(({ exact }) => !exact) ? ' (rounded)' : '';
  const values = samples.length === 0 ? [] : [`  samples${rounded}  ${samples.map(sampleText).join('  ')}`];
  return [`raw series  ${series}`, ...unsure, ...values];
}

function sourceText({ name, type }: { readonly name: string; readonly type: string }): string {
  return `source ${name} (${type})`;
}

function stepLines({ step, what, at, changes }: TraceStep): string[] {
  const where = at === undefined ? '' : ` at ${at.file}:${at.line}`;
  return [`${step}${where}: ${what}`, ...changes.map((change) => `  ${changeText(change)}`)];
}

function changeText({ label, before, after }: LabelChange): string {
  if (before === '') return `+ ${label}=${JSON.stringify(after)}`;
  if (after === '') return `- ${label}=${JSON.stringify(before)}`;
  return `~ ${label}=${JSON.stringify(before)} -> ${JSON.stringify(after)}`;
}

function inputLines({ selector, found, recordedBy, series }: ShownInput): string[] {
  const count =
    found === undefined ? '' : `: ${found} series${series.length < found ? `, ${series.length} shown` : ''}`;
  const recorders = found !== undefined && found > 0 ? [] : recordedBy.flatMap(ruleLines);
  return [`reads  ${selector}${count}`, ...indent(recorders), ...series.flatMap((one) => indent(lines(one)))];
}
