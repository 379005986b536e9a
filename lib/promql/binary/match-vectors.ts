import { Labels } from '../../model/labels.ts';
import type { BinaryExpr, VectorMatching } from '../ast.ts';
import { ExecutionError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { type Column, ColumnBlock } from '../functions/column.ts';
import { mergeSeries } from '../functions/merge-series.ts';
import { ABSENT, FLOAT, type Grid, type VectorSeries, type VectorValue } from '../value.ts';
import { ElementOperation } from './element-operation.ts';
import { type ResultLabels, resultLabelsOf } from './result-labels.ts';
import { formatLabels, type Signature, signatureOf } from './signature.ts';

/**
 * Arithmetic and comparison between two vectors: series with equal signatures are paired, step by step, one to one or
 * many to one.
 *
 * @throws ExecutionError where a step has more partners than the matching allows.
 */
export function matchVectors(
  expr: BinaryExpr,
  matching: VectorMatching,
  lhs: VectorValue,
  rhs: VectorValue,
  grid: Grid,
  evaluation: Evaluation,
): VectorValue {
  const swapped = matching.card === 'one-to-many';
  const [many, one] = swapped ? [rhs, lhs] : [lhs, rhs];
  const signature = signatureOf(matching, evaluation.features);
  const join = new VectorJoin(expr, matching, many.series, grid, evaluation);
  const series: VectorSeries[] = [];
  for (const group of groupsOf(many.series, one.series, signature)) {
    evaluation.interruption.poll();
    for (const joined of join.group(group)) series.push(joined);
  }
  return { kind: 'vector', series: mergeSeries(series) };
}

/** All series of both sides with one signature. */
interface MatchGroup {
  readonly many: VectorSeries[];
  readonly one: VectorSeries[];
}

function groupsOf(many: readonly VectorSeries[], one: readonly VectorSeries[], signature: Signature) {
  const groups = new Map<string, MatchGroup>();
  const groupOf = (labels: Labels) => {
    const key = signature.key(labels);
    let group = groups.get(key);
    if (group === undefined) {
      group = { many: [], one: [] };
      groups.set(key, group);
    }
    return group;
  };
  for (const series of many) groupOf(series.labels).many.push(series);
  for (const series of one) groupOf(series.labels).one.push(series);
  return groups.values();
}

/** One result series of a group while it is filled. `taken` marks steps that had a pair, kept by a filter or not. */
interface Result {
  readonly labels: Labels;
  dropName: boolean;
  readonly column: Column;
  readonly taken: Uint8Array;
}

class VectorJoin {
  readonly #matching: VectorMatching;
  readonly #signature: Signature;
  readonly #grid: Grid;
  readonly #returnBool: boolean;
  readonly #operation: ElementOperation;
  readonly #labels: ResultLabels;
  /** The series that stands in for one that a side lacks. */
  readonly #fillMany: VectorSeries | undefined;
  readonly #fillOne: VectorSeries | undefined;
  readonly #manySeries: readonly VectorSeries[];
  #manyPresent: Uint8Array | undefined;
  readonly #columns: ColumnBlock;

  constructor(
    expr: BinaryExpr,
    matching: VectorMatching,
    many: readonly VectorSeries[],
    grid: Grid,
    { features, annotations }: Evaluation,
  ) {
    this.#matching = matching;
    this.#signature = signatureOf(matching, features);
    this.#grid = grid;
    this.#returnBool = expr.returnBool;
    this.#operation = new ElementOperation(expr, annotations);
    this.#labels = resultLabelsOf(expr, matching, features);
    this.#manySeries = many;
    this.#columns = new ColumnBlock(many.length, grid.length);
    // As in Prometheus, `fill_left` fills the side of many under `group_right` too, where that side stands right.
    this.#fillMany = constantSeries(matching.fillLeft, grid.length);
    this.#fillOne = constantSeries(matching.fillRight, grid.length);
  }

  group({ many, one }: MatchGroup): VectorSeries[] {
    const results = new Map<string, Result>();
    const oneAt = this.#oneSide(one);
    if (one.length > 0 || this.#fillOne !== undefined) this.#joinMany(many, one, oneAt, results);
    if (this.#fillMany !== undefined && one.length > 0) this.#joinFilled(this.#fillMany, many, one, oneAt, results);
    return [...results.values()].flatMap(({ labels, dropName, column }) => column.toSeries(labels, dropName));
  }

  get #swapped(): boolean {
    return this.#matching.card === 'one-to-many';
  }

  #joinMany(many: VectorSeries[], one: VectorSeries[], oneAt: OneSide, results: Map<string, Result>): void {
    const matched =
      this.#matching.card === 'one-to-one' && many.length > 1 ? new Uint8Array(this.#grid.length) : undefined;
    for (const series of many) {
      const result = this.#resultsOf(series.labels, series.dropName, one, results);
      for (let step = 0; step < series.kinds.length; step++) {
        if (series.kinds[step] === ABSENT) continue;
        const index = oneAt(step);
        const partner = index < 0 ? this.#fillOne : one[index];
        if (partner === undefined) continue;
        if (matched !== undefined) {
          if (matched[step] !== 0) throw new ExecutionError(MANY_TO_ONE_NOT_EXPLICIT);
          matched[step] = 1;
        }
        this.#write(result(index), step, series, partner);
      }
    }
  }

  /** Steps where the one side has a value and no series of the many side does. */
  #joinFilled(
    filled: VectorSeries,
    many: VectorSeries[],
    one: VectorSeries[],
    oneAt: OneSide,
    results: Map<string, Result>,
  ): void {
    const [first] = one;
    if (first === undefined) return;
    const result = this.#resultsOf(this.#signature.labels(first.labels), false, one, results);
    for (let step = 0; step < this.#grid.length; step++) {
      const index = oneAt(step);
      if (index < 0 || many.some((series) => series.kinds[step] !== ABSENT)) continue;
      this.#write(result(index), step, filled, one[index] as VectorSeries);
    }
  }

  #write(result: Result, step: number, many: VectorSeries, one: VectorSeries): void {
    if (result.taken[step] !== 0) {
      throw new ExecutionError('multiple matches for labels: grouping labels must ensure unique matches');
    }
    result.taken[step] = 1;
    if (this.#swapped) this.#operation.apply(result.column, step, one, many);
    else this.#operation.apply(result.column, step, many, one);
  }

  /** The result for each partner (by index, -1 for a filled one); all are the same unless labels are carried over. */
  #resultsOf(
    labels: Labels,
    dropName: boolean,
    one: VectorSeries[],
    results: Map<string, Result>,
  ): (index: number) => Result {
    const cache: (Result | undefined)[] = [];
    const carried = this.#matching.include.length > 0;
    return (index) => {
      const slot = carried ? index + 1 : 0;
      cache[slot] ??= this.#result(this.#labels(labels, one[index]?.labels), dropName || this.#returnBool, results);
      return cache[slot];
    };
  }

  #result(labels: Labels, dropName: boolean, results: Map<string, Result>): Result {
    const known = results.get(labels.key);
    if (known !== undefined) {
      known.dropName ||= dropName;
      return known;
    }
    const result = { labels, dropName, column: this.#columns.next(), taken: new Uint8Array(this.#grid.length) };
    results.set(labels.key, result);
    return result;
  }

  /** Which series of the one side stands at each step. @throws ExecutionError where two do. */
  #oneSide(one: VectorSeries[]): OneSide {
    const [only] = one;
    if (only === undefined) return () => -1;
    if (one.length === 1) return (step) => (only.kinds[step] === ABSENT ? -1 : 0);
    const at = new Int32Array(this.#grid.length).fill(-1);
    for (const [index, series] of one.entries()) {
      for (let step = 0; step < at.length; step++) {
        if (series.kinds[step] === ABSENT) continue;
        const other = one[at[step] as number];
        if (other !== undefined && this.#hasMany(step)) throw this.#duplicates(other, series);
        at[step] = index;
      }
    }
    return (step) => at[step] as number;
  }

  /** Without any series on the many side Prometheus does not look at the one side. */
  #hasMany(step: number): boolean {
    if (this.#fillMany !== undefined) return true;
    this.#manyPresent ??= presenceOf(this.#manySeries, this.#grid.length);
    return this.#manyPresent[step] !== 0;
  }

  #duplicates(a: VectorSeries, b: VectorSeries): ExecutionError {
    const side = this.#swapped ? 'left' : 'right';
    const group = formatLabels(this.#signature.labels(a.labels));
    const pair = [a, b].map(({ labels }) => formatLabels(labels)).sort();
    return new ExecutionError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ` +
        `[${pair.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }
}

type OneSide = (step: number) => number;

const MANY_TO_ONE_NOT_EXPLICIT =
  'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';

function presenceOf(series: readonly VectorSeries[], length: number): Uint8Array {
  const present = new Uint8Array(length);
  for (const { kinds } of series) for (let i = 0; i < length; i++) if (kinds[i] !== ABSENT) present[i] = 1;
  return present;
}

function constantSeries(value: number | undefined, length: number): VectorSeries | undefined {
  if (value === undefined) return undefined;
  const floats = new Float64Array(length).fill(value);
  return { labels: Labels.empty, dropName: false, kinds: new Uint8Array(length).fill(FLOAT), floats };
}
