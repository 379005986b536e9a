import { METRIC_NAME } from '../../model/labels.ts';
import type { AggregateExpr, Aggregator } from '../ast.ts';
import { ExecutionError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { mergeSeries } from '../functions/merge-series.ts';
import { formatFloat } from '../histogram/format-float.ts';
import type { Grid, Value, VectorSeries, VectorValue } from '../value.ts';
import type { Aggregation, Reduce } from './aggregation.ts';
import { avg } from './avg.ts';
import { count } from './count.ts';
import { countValues } from './count-values.ts';
import { extremum } from './extremum.ts';
import { group } from './group.ts';
import { groupSeries, type SeriesGroup } from './group-series.ts';
import { limitRatio, warnInvalidRatios } from './limit-ratio.ts';
import { limitk } from './limitk.ts';
import { quantile, warnInvalidQuantiles } from './quantile.ts';
import { sum } from './sum.ts';
import { topk } from './topk.ts';
import { variance } from './variance.ts';

/** The operators that make one series of a group. */
const REDUCERS: Partial<Record<Aggregator, Reduce>> = {
  avg,
  count,
  group,
  max: extremum(1),
  min: extremum(-1),
  quantile,
  stddev: variance(Math.sqrt),
  stdvar: variance((value) => value),
  sum,
};

const NO_PARAMS = new Float64Array(0);

/** An aggregation over operands already evaluated. @throws ExecutionError for a parameter out of all bounds. */
export function evaluateAggregation(
  expr: AggregateExpr,
  value: VectorValue,
  param: Value | undefined,
  grid: Grid,
  evaluation: Evaluation,
): VectorValue {
  const groups = () => groupSeries(expr, value.series, evaluation.features);
  if (param?.kind === 'string') {
    const counted = groups().flatMap((one) => countValues(one, labelName(param.value), grid));
    return { kind: 'vector', series: mergeSeries(counted) };
  }
  const params = param?.kind === 'scalar' ? param.values : NO_PARAMS;
  checkParams(expr, params, evaluation);
  const aggregation: Aggregation = { expr, grid, evaluation, params };
  const reduce = REDUCERS[expr.op];
  if (reduce !== undefined) return reduced(groups(), reduce, aggregation);
  const series = groups().flatMap((one) => chosen(one.members, aggregation));
  const ordered = (expr.op === 'topk' || expr.op === 'bottomk') && grid.length === 1;
  return { kind: 'vector', series, ...(ordered && { ordered }) };
}

/** A group that is kept apart by a name marked for dropping passes the mark on. */
function reduced(groups: readonly SeriesGroup[], reduce: Reduce, aggregation: Aggregation): VectorValue {
  const { without, grouping } = aggregation.expr;
  const byName = !without && grouping.includes(METRIC_NAME);
  const series = groups.flatMap(({ labels, members }) => {
    const dropName = byName && members.some((member) => member.dropName);
    return reduce(members, aggregation).toSeries(labels, dropName);
  });
  return { kind: 'vector', series };
}

function chosen(members: readonly VectorSeries[], aggregation: Aggregation): VectorSeries[] {
  switch (aggregation.expr.op) {
    case 'topk':
      return topk(members, aggregation, 1);
    case 'bottomk':
      return topk(members, aggregation, -1);
    case 'limitk':
      return limitk(members, aggregation);
    case 'limit_ratio':
      return limitRatio(members, aggregation);
    default:
      throw new Error(`BUG: aggregator ${aggregation.expr.op} is not known`);
  }
}

function checkParams(expr: AggregateExpr, params: Float64Array, { annotations }: Evaluation): void {
  switch (expr.op) {
    case 'quantile':
      warnInvalidQuantiles(expr, params, annotations);
      break;
    case 'limit_ratio':
      if (params.some(Number.isNaN)) throw new ExecutionError('Ratio value is NaN');
      warnInvalidRatios(expr, params, annotations);
      break;
    case 'topk':
    case 'bottomk':
    case 'limitk':
      checkCounts(params);
  }
}

/** Numbers of series are 64-bit integers in Prometheus. */
function checkCounts(params: Float64Array): void {
  if (params.some(Number.isNaN)) throw new ExecutionError('Parameter value is NaN');
  const over = params.find((param) => param >= 2 ** 63);
  if (over !== undefined) throw new ExecutionError(`Scalar value ${formatFloat(over)} overflows int64`);
  const under = params.find((param) => param <= -(2 ** 63));
  if (under !== undefined) throw new ExecutionError(`Scalar value ${formatFloat(under)} underflows int64`);
}

function labelName(name: string): string {
  if (name === '') throw new ExecutionError('invalid label name ""');
  return name;
}
