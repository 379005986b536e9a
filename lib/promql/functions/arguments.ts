import type { PositionRange } from '../annotations.ts';
import type { FunctionCall } from '../function-call.ts';
import type { MatrixValue, Value, VectorValue } from '../value.ts';

/** The arguments of a call by the type that the signature promises; anything else is a bug of the type checker. */
export function vectorArgument(call: FunctionCall, index: number): VectorValue {
  const value = argument(call, index);
  if (value.kind !== 'vector') throw mismatch(index, 'vector', value);
  return value;
}

export function matrixArgument(call: FunctionCall, index: number): MatrixValue {
  const value = argument(call, index);
  if (value.kind !== 'matrix') throw mismatch(index, 'matrix', value);
  return value;
}

/** One value for each step of the grid. */
export function scalarArgument(call: FunctionCall, index: number): Float64Array {
  const value = argument(call, index);
  if (value.kind !== 'scalar') throw mismatch(index, 'scalar', value);
  return value.values;
}

export function stringArgument(call: FunctionCall, index: number): string {
  const value = argument(call, index);
  if (value.kind !== 'string') throw mismatch(index, 'string', value);
  return value.value;
}

export function argumentPosition(call: FunctionCall, index: number): PositionRange {
  return call.argPositions[index] ?? call.position;
}

function argument(call: FunctionCall, index: number): Value {
  const value = call.args[index];
  if (value === undefined) throw new Error(`BUG: function call without argument ${index}`);
  return value;
}

function mismatch(index: number, wanted: string, value: Value): Error {
  return new Error(`BUG: argument ${index} of a function is a ${value.kind}, not a ${wanted}`);
}
