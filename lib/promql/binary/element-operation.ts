import type { Annotations } from '../annotations.ts';
import type { BinaryExpr } from '../ast.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { type Column, histogramAt } from '../functions/column.ts';
import {
  addHistograms,
  asGauge,
  type CombinedHistogram,
  divideHistogram,
  multiplyHistogram,
  subtractHistograms,
} from '../histogram/arithmetic.ts';
import { compactHistogram } from '../histogram/compact.ts';
import { histogramsEqual } from '../histogram/equals.ts';
import { IncompatibleHistogramsError } from '../histogram/incompatible.ts';
import { trimHistogram } from '../histogram/trim.ts';
import { FLOAT, type VectorSeries } from '../value.ts';
import { arithmetic, comparison, type FloatComparison, type FloatOperator } from './float-operators.ts';

/** Applies one binary operator to pairs of samples: floats, histograms or one of each. */
export class ElementOperation {
  readonly #expr: BinaryExpr;
  readonly #annotations: Annotations;
  readonly #arithmetic: FloatOperator | undefined;
  readonly #comparison: FloatComparison | undefined;
  readonly #keep: 'lhs' | 'rhs';

  /** `keep`: the side whose value a comparison without `bool` lets through. */
  constructor(expr: BinaryExpr, annotations: Annotations, keep: 'lhs' | 'rhs' = 'lhs') {
    this.#expr = expr;
    this.#annotations = annotations;
    this.#arithmetic = arithmetic(expr.op);
    this.#comparison = comparison(expr.op);
    this.#keep = keep;
  }

  /** Writes the result of one step, where there is one; both sides have a value there. */
  apply(out: Column, step: number, lhs: VectorSeries, rhs: VectorSeries): void {
    if (lhs.kinds[step] === FLOAT && rhs.kinds[step] === FLOAT) {
      this.#floats(out, step, lhs.floats[step] as number, rhs.floats[step] as number);
    } else this.#histograms(out, step, lhs, rhs);
  }

  #floats(out: Column, step: number, a: number, b: number): void {
    if (this.#arithmetic !== undefined) out.setFloat(step, this.#arithmetic(a, b));
    else if (this.#comparison === undefined) this.#incompatible('float', 'float');
    else {
      const holds = this.#comparison(a, b);
      if (this.#expr.returnBool) out.setFloat(step, holds ? 1 : 0);
      else if (holds) out.setFloat(step, this.#keep === 'lhs' ? a : b);
    }
  }

  #histograms(out: Column, step: number, lhs: VectorSeries, rhs: VectorSeries): void {
    const a = lhs.kinds[step] === FLOAT ? (lhs.floats[step] as number) : histogramAt(lhs, step);
    const b = rhs.kinds[step] === FLOAT ? (rhs.floats[step] as number) : histogramAt(rhs, step);
    if (typeof a === 'object' && typeof b === 'object') {
      this.#histogramPair(out, step, a, b);
      return;
    }
    const result =
      typeof a === 'object' ? this.#histogramByFloat(a, b as number) : this.#floatByHistogram(a, b as FloatHistogram);
    if (result === undefined) this.#incompatible(kindOf(a), kindOf(b));
    else out.setHistogram(step, result);
  }

  #histogramByFloat(histogram: FloatHistogram, float: number): FloatHistogram | undefined {
    switch (this.#expr.op) {
      case '*':
        return multiplyHistogram(histogram, float);
      case '/':
        return divideHistogram(histogram, float);
      case '</':
        return trimHistogram(histogram, float, 'below');
      case '>/':
        return trimHistogram(histogram, float, 'above');
      default:
        return undefined;
    }
  }

  #floatByHistogram(float: number, histogram: FloatHistogram): FloatHistogram | undefined {
    return this.#expr.op === '*' ? multiplyHistogram(histogram, float) : undefined;
  }

  #histogramPair(out: Column, step: number, a: FloatHistogram, b: FloatHistogram): void {
    const { op } = this.#expr;
    if (op === '+' || op === '-') this.#sum(out, step, a, b, op);
    else if (op === '==' || op === '!=') {
      const holds = histogramsEqual(a, b) === (op === '==');
      if (this.#expr.returnBool) out.setFloat(step, holds ? 1 : 0);
      else if (holds) out.setHistogram(step, this.#keep === 'lhs' ? a : b);
    } else this.#incompatible('histogram', 'histogram');
  }

  #sum(out: Column, step: number, a: FloatHistogram, b: FloatHistogram, op: '+' | '-'): void {
    try {
      const combined = op === '+' ? addHistograms(a, b) : subtractHistograms(a, b);
      this.#annotateSum(combined, op === '+' ? 'addition' : 'subtraction');
      const result = compactHistogram(combined.histogram);
      out.setHistogram(step, op === '+' ? result : asGauge(result));
    } catch (error) {
      if (!(error instanceof IncompatibleHistogramsError)) throw error;
      const text = `incompatible bucket layout encountered for binary operator ${op}`;
      this.#annotations.warn(`PromQL warning: ${text}`, this.#expr.position);
    }
  }

  #annotateSum({ hintCollision, boundsReconciled }: CombinedHistogram, operation: string): void {
    const { position } = this.#expr;
    if (hintCollision) {
      this.#annotations.warn(`PromQL warning: conflicting counter resets during histogram ${operation}`, position);
    }
    if (boundsReconciled) {
      this.#annotations.info(`PromQL info: mismatched custom buckets were reconciled during ${operation}`, position);
    }
  }

  #incompatible(lhs: string, rhs: string): void {
    const { op, position } = this.#expr;
    const text = `incompatible sample types encountered for binary operator ${JSON.stringify(op)}: ${lhs} ${op} ${rhs}`;
    this.#annotations.info(`PromQL info: ${text}`, position);
  }
}

function kindOf(value: number | FloatHistogram): string {
  return typeof value === 'object' ? 'histogram' : 'float';
}
