import type { Labels } from '../../model/labels.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Call, Expr } from '../ast.ts';
import { ExecutionError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { mergeSeries } from '../functions/merge-series.ts';
import { selectVectorAt } from '../select/select-vector.ts';
import { ABSENT, type Grid, HISTOGRAM, type VectorSeries, type VectorValue } from '../value.ts';
import { infoReferenceTime } from './info-reference-time.ts';
import { infoLabelMatchers, infoNameMatchers, infoSelector } from './info-selector.ts';

/** The labels by which an info series says what it is about. */
const IDENTIFYING_LABELS = ['instance', 'job'] as const;

/**
 * `info(v, {…})`: to each series of `v` the labels of the info series that are about the same thing at the same time.
 *
 * @throws ExecutionError where info series contradict each other.
 */
export function addInfoLabels(call: Call, base: VectorValue, grid: Grid, evaluation: Evaluation): VectorValue {
  const names = infoNameMatchers(call);
  const isInfo = (labels: Labels) => names.every((matcher) => matcher.matches(labels.metricName));
  const enriched = base.series.filter(({ labels }) => !isInfo(labels));
  const infos = new InfoSeries(infosFor(call, enriched, grid, evaluation), grid);
  const matchers = infoLabelMatchers(call);
  const series = base.series.flatMap((one) => (isInfo(one.labels) ? [one] : withInfo(one, infos, matchers)));
  return { kind: 'vector', series: mergeSeries(series) };
}

/** The info series whose identifying labels occur among the series to enrich. */
function infosFor(
  call: Call,
  enriched: readonly VectorSeries[],
  grid: Grid,
  evaluation: Evaluation,
): readonly VectorSeries[] {
  const wanted = IDENTIFYING_LABELS.map((name) => ({
    name,
    values: new Set(enriched.map(({ labels }) => labels.get(name)).filter((value) => value !== '')),
  })).filter(({ values }) => values.size > 0);
  if (wanted.length === 0) return [];
  const times = new Float64Array(grid.length);
  for (let i = 0; i < times.length; i++) {
    times[i] = infoReferenceTime(call.args[0] as Expr, grid.start + i * grid.step);
  }
  const { series } = selectVectorAt(infoSelector(call), times, evaluation, 'sample');
  return series.filter(({ labels }) => wanted.every(({ name, values }) => values.has(labels.get(name))));
}

/** Info series by what they are about, and which of them holds at each step. */
class InfoSeries {
  /** For each signature, one list of rival series for each info metric. */
  readonly #bySignature = new Map<string, Map<string, VectorSeries[]>>();
  readonly #current = new Map<string, readonly CurrentInfo[]>();
  readonly #grid: Grid;

  constructor(series: readonly VectorSeries[], grid: Grid) {
    this.#grid = grid;
    for (const one of series) {
      const key = signature(one.labels);
      const metrics = this.#bySignature.get(key) ?? new Map<string, VectorSeries[]>();
      this.#bySignature.set(key, metrics);
      const rivals = metrics.get(one.labels.metricName) ?? [];
      metrics.set(one.labels.metricName, [...rivals, one]);
    }
  }

  /** What holds about a series, one entry for each info metric. */
  about(labels: Labels): readonly CurrentInfo[] {
    const key = signature(labels);
    let current = this.#current.get(key);
    if (current === undefined) {
      const metrics = this.#bySignature.get(key) ?? new Map<string, VectorSeries[]>();
      current = [...metrics.values()].map((rivals) => currentInfo(rivals, this.#grid.length));
      this.#current.set(key, current);
    }
    return current;
  }
}

/** The info series of one metric that holds at a step, if any. */
type CurrentInfo = (step: number) => VectorSeries | undefined;

/** Of rivals the one with the newest sample holds. @throws ExecutionError where two are equally new. */
function currentInfo(rivals: readonly VectorSeries[], length: number): CurrentInfo {
  const chosen: (VectorSeries | undefined)[] = new Array(length).fill(undefined);
  for (const one of rivals) {
    for (let step = 0; step < length; step++) {
      if (one.kinds[step] === ABSENT) continue;
      if (one.kinds[step] === HISTOGRAM) throw new ExecutionError('info sample should be float');
      const other = chosen[step];
      const newer = other === undefined ? 1 : sampleTime(one, step) - sampleTime(other, step);
      if (newer === 0) throw duplicateInfo(other as VectorSeries, one, step);
      if (newer > 0) chosen[step] = one;
    }
  }
  return (step) => chosen[step];
}

function sampleTime({ sampleTimestamps }: VectorSeries, step: number): number {
  return sampleTimestamps?.[step] as number;
}

function duplicateInfo(a: VectorSeries, b: VectorSeries, step: number): ExecutionError {
  const describe = (series: VectorSeries) => `${series.labels} @ ${sampleTime(series, step)}`;
  return new ExecutionError(`found duplicate series for info metric: existing ${describe(a)}, new ${describe(b)}`);
}

/** One series for each combination of info series that held over its steps. */
function withInfo(base: VectorSeries, infos: InfoSeries, matchers: readonly Matcher[]): VectorSeries[] {
  const about = infos.about(base.labels);
  const optional = matchers.every((matcher) => matcher.matches(''));
  const wanted = new Set(matchers.map(({ name }) => name));
  const variants = new Map<string, { labels: Labels; kinds: Uint8Array }>();
  for (let step = 0; step < base.kinds.length; step++) {
    if (base.kinds[step] === ABSENT) continue;
    const held = about.map((current) => current(step));
    if (!optional && held.every((info) => info === undefined)) continue;
    const key = held.map((info) => info?.labels.key ?? '').join('\ud801');
    let variant = variants.get(key);
    if (variant === undefined) {
      variant = { labels: enrich(base.labels, held, wanted), kinds: new Uint8Array(base.kinds.length) };
      variants.set(key, variant);
    }
    variant.kinds[step] = base.kinds[step] as number;
  }
  return [...variants.values()].map((variant) => ({ ...base, ...variant }));
}

function enrich(base: Labels, held: readonly (VectorSeries | undefined)[], wanted: ReadonlySet<string>): Labels {
  const added = new Map<string, string>();
  for (const info of held) {
    for (const { name, value } of info?.labels ?? []) {
      if (name === METRIC_NAME || (wanted.size > 0 && !wanted.has(name))) continue;
      if ((added.get(name) ?? value) !== value) throw new ExecutionError(`conflicting label: ${name}`);
      if (!base.has(name)) added.set(name, value);
    }
  }
  return base.with(Object.fromEntries(added));
}

function signature(labels: Labels): string {
  return IDENTIFYING_LABELS.map((name) => labels.get(name)).join('\ud800');
}
