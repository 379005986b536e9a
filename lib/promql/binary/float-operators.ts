import type { ArithmeticOp, BinaryOp, ComparisonOp } from '../ast.ts';

export type FloatOperator = (a: number, b: number) => number;
export type FloatComparison = (a: number, b: number) => boolean;

const ARITHMETIC: Readonly<Record<ArithmeticOp, FloatOperator>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': power,
  atan2: Math.atan2,
};

const COMPARISONS: Readonly<Record<ComparisonOp, FloatComparison>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** The operator as a function of floats; undefined for comparisons, set and trim operators. */
export function arithmetic(op: BinaryOp): FloatOperator | undefined {
  return (ARITHMETIC as Partial<Record<BinaryOp, FloatOperator>>)[op];
}

/** The operator as a comparison of floats; undefined for all other operators. */
export function comparison(op: BinaryOp): FloatComparison | undefined {
  return (COMPARISONS as Partial<Record<BinaryOp, FloatComparison>>)[op];
}

/** IEEE 754-2008 `pow` as Go has it: 1 to any power is 1, and so is -1 to an infinite one; JavaScript gives NaN. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  return base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY ? 1 : base ** exponent;
}
