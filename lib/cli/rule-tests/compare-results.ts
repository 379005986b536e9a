import { compareLabels, Labels } from '../../model/labels.ts';
import { formatDuration } from '../../promql/duration.ts';
import type { FloatHistogram } from '../../promql/float-histogram.ts';
import type { SequenceValue } from '../../promql/notation/sequence-value.ts';
import type { QueryData } from '../../promql/result.ts';
import { formatSample, formatSequenceValue } from './format-sample.ts';
import { sameHistogram } from './same-histogram.ts';

/** An alert that fires, or shall. */
export interface Sighted {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface AlertQuestion {
  readonly test: string;
  readonly alertname: string;
  readonly evalTime: number;
  readonly expected: readonly Sighted[];
}

interface ExprQuestion {
  readonly test: string;
  readonly expr: string;
  readonly evalTime: number;
  readonly expected: readonly ExpectedSample[];
}

interface ExpectedSample {
  readonly labels: Labels;
  readonly value: SequenceValue;
}

/** What is wrong with the alerts that fire, as promtool prints it; empty where nothing is. */
export function compareAlerts(
  { test, alertname, evalTime, expected }: AlertQuestion,
  got: readonly Sighted[],
): string[] {
  const [wanted, seen] = [sorted(expected), sorted(got)];
  if (JSON.stringify(wanted) === JSON.stringify(seen)) return [];
  return [
    `${testName(test)}    alertname: ${alertname}, time: ${formatDuration(evalTime)}, \n` +
      `        exp:${indent(alertsText(wanted), 12)}, \n        got:${indent(alertsText(seen), 12)}`,
  ];
}

/** What is wrong with the value of an expression, as promtool prints it; empty where nothing is. */
export function compareSamples(question: ExprQuestion, got: QueryData | Error, fuzzy: boolean): string[] {
  const { test, expr, evalTime, expected } = question;
  const head = `${testName(test)}    expr: ${JSON.stringify(expr)}, time: ${formatDuration(evalTime)},`;
  if (got instanceof Error) return [`${head} err: ${got.message}`];
  const samples = samplesOf(got);
  if (samples === undefined) return [`${head} err: rule result is not a vector or scalar`];
  const byLabels = (a: { labels: Labels }, b: { labels: Labels }) => compareLabels(a.labels, b.labels);
  const [wanted, seen] = [[...expected].sort(byLabels), [...samples].sort(byLabels)];
  const equal =
    wanted.length === seen.length &&
    wanted.every(({ labels, value }, i) => {
      const other = seen[i];
      return other !== undefined && labels.equals(other.labels) && sameValue(value, other.value, fuzzy);
    });
  if (equal) return [];
  const wantedText = wanted.map(({ labels, value }) => formatSample(labels, formatSequenceValue(value)));
  const seenText = seen.map(({ labels, value }) => formatSample(labels, formatSequenceValue(sequenceValue(value))));
  return [`${head}\n        exp: ${listText(wantedText)}\n        got: ${listText(seenText)}`];
}

/** Equal to the last bit, or, where that is asked for, the very next number; NaN is NaN. */
export function sameFloat(a: number, b: number, fuzzy: boolean): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return fuzzy && distance(a, b) <= 1n;
}

/** How many doubles lie from one to the other. */
function distance(a: number, b: number): bigint {
  const apart = orderOf(a) - orderOf(b);
  return apart < 0n ? -apart : apart;
}

/** Where a number stands among all doubles: the bits of a double, read as an integer, rise with its magnitude. */
function orderOf(value: number): bigint {
  const bits = new BigInt64Array(new Float64Array([value]).buffer)[0] ?? 0n;
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

function sameValue(expected: SequenceValue, got: number | FloatHistogram, fuzzy: boolean): boolean {
  if (expected.kind === 'omitted') return false;
  if (expected.kind === 'float') return typeof got === 'number' && sameFloat(expected.value, got, fuzzy);
  return typeof got !== 'number' && sameHistogram(expected.histogram, got, expected.hintGiven);
}

function sequenceValue(value: number | FloatHistogram): SequenceValue {
  return typeof value === 'number'
    ? { kind: 'float', value }
    : { kind: 'histogram', histogram: value, hintGiven: false };
}

function samplesOf(data: QueryData): readonly { labels: Labels; value: number | FloatHistogram }[] | undefined {
  if (data.kind === 'scalar') return [{ labels: Labels.empty, value: data.value }];
  return data.kind === 'vector' ? data.samples : undefined;
}

/** In one order, with the keys of each in one order, and without labels that have no value. */
function sorted(alerts: readonly Sighted[]): readonly Sighted[] {
  return alerts
    .map(({ labels, annotations }) => ({ labels: Labels.from(labels), annotations }))
    .sort((a, b) => compareLabels(a.labels, b.labels) || compareLabels(...both(a.annotations, b.annotations)))
    .map(({ labels, annotations }) => ({
      labels: labels.toJSON(),
      annotations: Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1))),
    }));
}

function both(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): [Labels, Labels] {
  return [Labels.from(a), Labels.from(b)];
}

function alertsText(alerts: readonly Sighted[]): string {
  if (alerts.length === 0) return '[]';
  const texts = alerts.map(({ labels, annotations }, i) => {
    const text = `\nLabels:${mapText(labels)}\nAnnotations:${mapText(annotations)}`;
    return `${i}:${indent(text, 2)}`;
  });
  return `[\n${texts.join(',\n')}\n]`;
}

function mapText(map: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(map).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(', ')}}`;
}

/** All lines but the first. */
function indent(text: string, spaces: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`);
}

function listText(texts: readonly string[]): string {
  return texts.length === 0 ? 'nil' : texts.join(', ');
}

function testName(name: string): string {
  return name === '' ? '' : `    name: ${name},\n`;
}
