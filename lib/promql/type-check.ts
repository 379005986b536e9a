import { METRIC_NAME } from '../model/labels.ts';
import type { PositionRange } from './annotations.ts';
import type { AggregateExpr, BinaryExpr, Call, Expr, VectorSelector } from './ast.ts';
import { ParseError } from './errors.ts';
import { exprType, typeName } from './expr-type.ts';
import type { ValueType } from './function-call.ts';
import { FUNCTIONS } from './functions/registry.ts';
import { parseErrorText } from './parser/parse-error-text.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
const SCALAR_PARAM: ReadonlySet<string> = new Set(['topk', 'bottomk', 'quantile', 'limitk', 'limit_ratio']);

/**
 * Checks that operands, arguments and selectors fit together, and settles what depends on types: vector matching stays
 * only on operators between two vectors.
 *
 * @throws ParseError with Prometheus's text.
 */
export function checkTypes(expr: Expr, query: string): Expr {
  return new TypeChecker(query).check(expr);
}

class TypeChecker {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  check(expr: Expr): Expr {
    switch (expr.kind) {
      case 'numberLiteral':
      case 'stringLiteral':
        return expr;
      case 'vectorSelector':
        return this.#selector(expr);
      case 'matrixSelector':
        return { ...expr, selector: this.#selector(expr.selector) };
      case 'parenExpr':
        return { ...expr, expr: this.check(expr.expr) };
      case 'subquery': {
        const inner = this.check(expr.expr);
        const type = exprType(inner);
        if (type !== 'vector')
          this.#fail(`subquery is only allowed on instant vector, got ${type} instead`, expr.position);
        return { ...expr, expr: inner };
      }
      case 'unaryExpr': {
        const inner = this.check(expr.expr);
        const type = exprType(inner);
        if (type === 'scalar' || type === 'vector') return { ...expr, expr: inner };
        const wanted = 'unary expression only allowed on expressions of type scalar or instant vector';
        return this.#fail(`${wanted}, got ${JSON.stringify(typeName(type))}`, expr.position);
      }
      case 'call':
        return this.#call(expr);
      case 'aggregation':
        return this.#aggregation(expr);
      case 'binaryExpr':
        return this.#binary(expr);
    }
  }

  #selector(expr: VectorSelector, allowEmpty = false): VectorSelector {
    const named = expr.matchers.filter(
      (matcher, i) =>
        matcher.name === METRIC_NAME && (expr.name !== '' ? i < expr.matchers.length - 1 : matcher.type === '='),
    );
    const [first, second] = expr.name === '' ? named.map((matcher) => matcher.value) : [expr.name, named[0]?.value];
    if (first !== undefined && second !== undefined) {
      const names = `${JSON.stringify(first)} or ${JSON.stringify(second)}`;
      this.#fail(`metric name must not be set twice: ${names}`, expr.position);
    }
    if (!allowEmpty && expr.name === '' && expr.matchers.every((matcher) => matcher.matches(''))) {
      this.#fail('vector selector must contain at least one non-empty matcher', expr.position);
    }
    return expr;
  }

  #call(expr: Call): Expr {
    const signature = FUNCTIONS.get(expr.func)?.signature;
    if (signature === undefined) throw new Error(`BUG: function ${expr.func} passed the parser and has no signature`);
    const { argTypes, variadic } = signature;
    const context = `call to function ${JSON.stringify(expr.func)}`;
    this.#argumentCount(expr, argTypes.length, variadic);
    const args = expr.args.map((arg, i) => {
      const labelsOnly = expr.func === 'info' && i === 1;
      const checked = labelsOnly ? this.#labelSelector(arg, context) : this.check(arg);
      this.#expect(checked, argTypes[Math.min(i, argTypes.length - 1)] as ValueType, context);
      return checked;
    });
    return { ...expr, args };
  }

  #argumentCount(expr: Call, total: number, variadic: number): void {
    const got = expr.args.length;
    const [least, most] = variadic === 0 ? [total, total] : [total - 1, variadic < 0 ? Infinity : total - 1 + variadic];
    const bound = variadic === 0 ? '' : got < least ? 'at least ' : 'at most ';
    if (got >= least && got <= most) return;
    const wanted = got < least ? least : most;
    const call = `call to ${JSON.stringify(expr.func)}`;
    this.#fail(`expected ${bound}${wanted} argument(s) in ${call}, got ${got}`, expr.position);
  }

  /** The second argument of `info` names labels only, and may select everything. */
  #labelSelector(arg: Expr, context: string): Expr {
    if (arg.kind !== 'vectorSelector') {
      return this.#fail(`expected type instant vector in ${context}, got ${typeName(exprType(arg))}`, arg.position);
    }
    if (arg.name !== '') this.#fail('expected label selectors only, got vector selector instead', arg.position);
    return this.#selector(arg, true);
  }

  #aggregation(expr: AggregateExpr): Expr {
    const inner = this.check(expr.expr);
    this.#expect(inner, 'vector', 'aggregation expression');
    if (expr.param === undefined) return { ...expr, expr: inner };
    const param = this.check(expr.param);
    this.#expect(param, SCALAR_PARAM.has(expr.op) ? 'scalar' : 'string', 'aggregation parameter');
    return { ...expr, expr: inner, param };
  }

  #binary(expr: BinaryExpr): Expr {
    const { op, matching } = expr;
    if (matching === undefined) throw new Error(`BUG: operator ${op} left the parser without matching`);
    const lhs = this.check(expr.lhs);
    const rhs = this.check(expr.rhs);
    const types = [exprType(lhs), exprType(rhs)];
    this.#operator(
      expr,
      types.every((type) => type === 'scalar'),
    );
    for (const [operand, type] of [
      [lhs, types[0]],
      [rhs, types[1]],
    ] as const) {
      if (type === 'scalar' || type === 'vector') continue;
      this.#fail('binary expression must contain only scalar and instant vector types', operand.position);
    }
    if (types.every((type) => type === 'vector')) {
      this.#matching(expr);
      return { ...expr, lhs, rhs };
    }
    this.#withoutMatching(expr);
    const { matching: _, ...rest } = expr;
    return { ...rest, lhs, rhs };
  }

  #operator(expr: BinaryExpr, scalars: boolean): void {
    const { op, matching, returnBool } = expr;
    const position = this.#operatorPosition(expr);
    const comparison = COMPARISONS.has(op);
    if (returnBool && !comparison) this.#fail('bool modifier can only be used on comparison operators', position);
    if (comparison && !returnBool && scalars)
      this.#fail('comparisons between scalars must use BOOL modifier', position);
    const both = matching?.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined;
    if (both === undefined) return;
    this.#fail(`label ${JSON.stringify(both)} must not occur in ON and GROUP clause at once`, position);
  }

  #matching({ op, matching, position }: BinaryExpr): void {
    if (!SET_OPERATORS.has(op)) return;
    if (matching?.card !== 'many-to-many')
      this.#fail(`no grouping allowed for ${JSON.stringify(op)} operation`, position);
    if (matching?.fillLeft !== undefined || matching?.fillRight !== undefined) {
      this.#fail('filling in missing series not allowed for set operators', position);
    }
  }

  #withoutMatching({ op, matching, position }: BinaryExpr): void {
    if (matching !== undefined && matching.labels.length > 0) {
      this.#fail('vector matching only allowed between instant vectors', position);
    }
    if (matching?.fillLeft !== undefined || matching?.fillRight !== undefined) {
      this.#fail('filling in missing series only allowed between instant vectors', position);
    }
    if (SET_OPERATORS.has(op)) {
      this.#fail(`set operator ${JSON.stringify(op)} not allowed in binary scalar expression`, position);
    }
  }

  /** From the operator to the end of its modifiers. */
  #operatorPosition({ lhs, rhs }: BinaryExpr): PositionRange {
    const between = this.#query.slice(lhs.position.end, rhs.position.start);
    const start = lhs.position.end + (between.length - between.trimStart().length);
    return { start, end: start + between.trim().length };
  }

  #expect(expr: Expr, wanted: ValueType, context: string): void {
    const got = exprType(expr);
    if (got === wanted) return;
    this.#fail(`expected type ${typeName(wanted)} in ${context}, got ${typeName(got)}`, expr.position);
  }

  #fail(reason: string, position: PositionRange): never {
    throw new ParseError(parseErrorText(this.#query, position.start, reason), position);
  }
}
