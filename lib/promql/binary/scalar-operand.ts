import { Labels } from '../../model/labels.ts';
import type { BinaryExpr } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import { Column } from '../functions/column.ts';
import { ABSENT, FLOAT, type ScalarValue, type VectorSeries, type VectorValue } from '../value.ts';
import { ElementOperation } from './element-operation.ts';
import { arithmetic, comparison } from './float-operators.ts';

/** An operator between a vector and a scalar. A comparison that filters keeps the vector's value on either side. */
export function combineWithScalar(
  expr: BinaryExpr,
  vector: VectorValue,
  scalar: ScalarValue,
  scalarIsLeft: boolean,
  { annotations, interruption }: Evaluation,
): VectorValue {
  const operation = new ElementOperation(expr, annotations, scalarIsLeft ? 'rhs' : 'lhs');
  const constant = asSeries(scalar);
  const dropsName = arithmetic(expr.op) !== undefined || expr.returnBool;
  const series = vector.series.flatMap((one) => {
    interruption.poll();
    const column = new Column(one.kinds.length);
    for (let step = 0; step < one.kinds.length; step++) {
      if (one.kinds[step] === ABSENT) continue;
      if (scalarIsLeft) operation.apply(column, step, constant, one);
      else operation.apply(column, step, one, constant);
    }
    return column.toSeries(one.labels, one.dropName || dropsName);
  });
  return { kind: 'vector', series };
}

/** An operator between two scalars; a comparison gives 1 or 0. */
export function combineScalars({ op }: BinaryExpr, lhs: ScalarValue, rhs: ScalarValue): ScalarValue {
  const operator = arithmetic(op);
  const compare = comparison(op);
  const values = new Float64Array(lhs.values.length);
  for (let step = 0; step < values.length; step++) {
    const a = lhs.values[step] as number;
    const b = rhs.values[step] as number;
    if (operator !== undefined) values[step] = operator(a, b);
    else if (compare !== undefined) values[step] = compare(a, b) ? 1 : 0;
    else throw new Error(`BUG: operator ${op} between scalars passed the type checker`);
  }
  return { kind: 'scalar', values };
}

function asSeries({ values }: ScalarValue): VectorSeries {
  return {
    labels: Labels.empty,
    dropName: false,
    kinds: new Uint8Array(values.length).fill(FLOAT),
    floats: values,
  };
}
