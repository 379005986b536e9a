import { Labels } from '../model/labels.ts';
import type { OnDemandAnswer } from '../pipeline/query-source-on-demand.ts';

interface AnsweredEntry {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
  readonly histogram?: AnsweredHistogramPoint;
  readonly histograms?: readonly AnsweredHistogramPoint[];
}

type AnsweredHistogramPoint = readonly [number, { readonly count: string; readonly sum: string }];

/** An answer for people: one line a value with its time; the series stands over the values of a range. */
export function answerTable({ resultType, result }: OnDemandAnswer['data']): string {
  if (resultType === 'scalar' || resultType === 'string') {
    const [time, text] = result as readonly [number, string];
    return `${text} @ ${timeText(time)}\n`;
  }
  const entries = result as readonly AnsweredEntry[];
  if (entries.length === 0) return 'no series\n';
  return resultType === 'vector' ? vectorTable(entries) : entries.map(seriesTable).join('\n');
}

function vectorTable(entries: readonly AnsweredEntry[]): string {
  const rows = entries.map(({ metric, value, histogram }) => ({
    name: Labels.from(metric).toString(),
    text: value === undefined ? histogramText(histogram) : value[1],
  }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  const [time = 0] = entries[0]?.value ?? entries[0]?.histogram ?? [];
  const lines = rows.map(({ name, text }) => `${name.padEnd(width)}  ${text}\n`);
  return `${lines.join('')}\n${entries.length} series @ ${timeText(time)}\n`;
}

function seriesTable({ metric, values = [], histograms = [] }: AnsweredEntry): string {
  const points = [
    ...values.map(([time, text]) => ({ time, text })),
    ...histograms.map((point) => ({ time: point[0], text: histogramText(point) })),
  ].sort((a, b) => a.time - b.time);
  return `${Labels.from(metric)}\n${points.map(({ time, text }) => `  ${timeText(time)}  ${text}\n`).join('')}`;
}

function histogramText(point: AnsweredHistogramPoint | undefined): string {
  return point === undefined ? '' : `count ${point[1].count}, sum ${point[1].sum}`;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
