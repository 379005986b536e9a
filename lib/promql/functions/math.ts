import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import type { ScalarValue, VectorValue } from '../value.ts';
import { scalarArgument } from './arguments.ts';
import { floatFunction, mapFloats } from './map-vector.ts';

/** Functions of one float, of one float and scalars, and of scalars. */
export const MATH_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['abs', floatFunction(Math.abs)],
  ['acos', floatFunction(Math.acos)],
  ['acosh', floatFunction(Math.acosh)],
  ['asin', floatFunction(Math.asin)],
  ['asinh', floatFunction(Math.asinh)],
  ['atan', floatFunction(Math.atan)],
  ['atanh', floatFunction(Math.atanh)],
  ['ceil', floatFunction(Math.ceil)],
  ['clamp', clamp],
  ['clamp_max', clampMax],
  ['clamp_min', clampMin],
  ['cos', floatFunction(Math.cos)],
  ['cosh', floatFunction(Math.cosh)],
  ['deg', floatFunction((value) => (value * 180) / Math.PI)],
  ['exp', floatFunction(Math.exp)],
  ['floor', floatFunction(Math.floor)],
  ['ln', floatFunction(Math.log)],
  ['log10', floatFunction(Math.log10)],
  ['log2', floatFunction(Math.log2)],
  ['max_of', (call: FunctionCall) => ofScalars(call, greater)],
  ['min_of', (call: FunctionCall) => ofScalars(call, lesser)],
  ['rad', floatFunction((value) => (value * Math.PI) / 180)],
  ['round', round],
  ['sgn', floatFunction(Math.sign)],
  ['sin', floatFunction(Math.sin)],
  ['sinh', floatFunction(Math.sinh)],
  ['sqrt', floatFunction(Math.sqrt)],
  ['tan', floatFunction(Math.tan)],
  ['tanh', floatFunction(Math.tanh)],
]);

function clamp(call: FunctionCall): VectorValue {
  return clampBetween(call, scalarArgument(call, 1), scalarArgument(call, 2));
}

function clampMax(call: FunctionCall): VectorValue {
  return clampBetween(call, undefined, scalarArgument(call, 1));
}

function clampMin(call: FunctionCall): VectorValue {
  return clampBetween(call, scalarArgument(call, 1), undefined);
}

/** A step whose lower limit is above the upper one has no result. */
function clampBetween(call: FunctionCall, min: Float64Array | undefined, max: Float64Array | undefined): VectorValue {
  const lower = (step: number) => min?.[step] ?? Number.NEGATIVE_INFINITY;
  const upper = (step: number) => max?.[step] ?? Number.POSITIVE_INFINITY;
  const clamped = mapFloats(call, 0, (value, step) => greater(lower(step), lesser(upper(step), value)));
  return withoutSteps(clamped, (step) => upper(step) < lower(step));
}

/** As Go's `math.Min`: -Inf wins over NaN, where `Math.min` lets NaN win over everything. */
function lesser(a: number, b: number): number {
  return a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b);
}

/** As Go's `math.Max`: +Inf wins over NaN. */
function greater(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

function withoutSteps(vector: VectorValue, dropped: (step: number) => boolean): VectorValue {
  const series = vector.series.flatMap((one) => {
    const kinds = one.kinds.map((kind, step) => (dropped(step) ? 0 : kind));
    return kinds.some((kind) => kind !== 0) ? [{ ...one, kinds }] : [];
  });
  return { kind: 'vector', series };
}

/** Rounds to the nearest multiple, ties upwards. Multiplying by the inverse is the more exact way round. */
function round(call: FunctionCall): VectorValue {
  if (call.args.length < 2) return mapFloats(call, 0, (value) => Math.floor(value + 0.5));
  const nearest = scalarArgument(call, 1);
  return mapFloats(call, 0, (value, step) => {
    const inverse = 1 / (nearest[step] as number);
    return Math.floor(value * inverse + 0.5) / inverse;
  });
}

function ofScalars(call: FunctionCall, choose: (a: number, b: number) => number): ScalarValue {
  const b = scalarArgument(call, 1);
  return { kind: 'scalar', values: scalarArgument(call, 0).map((a, step) => choose(a, b[step] as number)) };
}
