import { type Label, METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import type { AggregateExpr, BinaryExpr, Call, Expr, VectorSelector } from '../../promql/ast.ts';

/** What is known of the labels of series that contribute to one result. */
export interface KnownLabels {
  /** Label to value, `''` where the label is absent. */
  readonly values: ReadonlyMap<string, string>;
  /** Labels of which nothing is known; `others`: of none that is not in `values`. Everything else is absent. */
  readonly unknown: ReadonlySet<string> | 'others';
}

/** What is known of a series whose labels are `values`, apart from those in `unknown`. */
export function knownLabels(values: Iterable<Label>, unknown: readonly string[]): KnownLabels {
  const entries = [...values].map(({ name, value }) => [name, value] as const);
  return minus({ values: new Map(entries), unknown: new Set() }, [METRIC_NAME, ...unknown]);
}

/**
 * The expression with matchers added to its selectors, so that they find only what can contribute to the one result with
 * these labels. It gives that result the value that the expression gives it; of other results it may give some or none.
 */
export function narrowInputs(expr: Expr, known: KnownLabels): Expr {
  switch (expr.kind) {
    case 'numberLiteral':
    case 'stringLiteral':
      return expr;
    case 'vectorSelector':
      return narrowSelector(expr, known);
    case 'matrixSelector':
      return { ...expr, selector: narrowSelector(expr.selector, known) };
    case 'subquery':
    case 'unaryExpr':
    case 'parenExpr':
      return { ...expr, expr: narrowInputs(expr.expr, known) };
    case 'aggregation':
      return narrowAggregation(expr, known);
    case 'binaryExpr':
      return narrowBinary(expr, known);
    case 'call':
      return narrowCall(expr, known);
  }
}

function narrowSelector(selector: VectorSelector, known: KnownLabels): VectorSelector {
  const said = new Set(selector.matchers.filter(({ type }) => type === '=').map(({ name }) => name));
  const added = [...known.values]
    .filter(([name]) => !said.has(name))
    .map(([name, value]) => new Matcher('=', name, value));
  // The matcher of the name comes last.
  return added.length === 0 ? selector : { ...selector, matchers: [...added, ...selector.matchers] };
}

function narrowAggregation(expr: AggregateExpr, known: KnownLabels): AggregateExpr {
  const { grouping, without, op, param } = expr;
  const counted = op === 'count_values' && param?.kind === 'stringLiteral' ? param.value : undefined;
  const ofGroup = without ? minus(known, grouping) : only(known, grouping);
  return { ...expr, expr: narrowInputs(expr.expr, counted === undefined ? ofGroup : minus(ofGroup, [counted])) };
}

function narrowBinary(expr: BinaryExpr, known: KnownLabels): BinaryExpr {
  const { op, lhs, rhs, matching } = expr;
  const narrowed = (left: KnownLabels, right: KnownLabels): BinaryExpr => ({
    ...expr,
    lhs: narrowInputs(lhs, left),
    rhs: narrowInputs(rhs, right),
  });
  // Beside a scalar the vector's labels are those of the result; what a scalar is made of is not to be known.
  if (matching === undefined) return narrowed(isScalar(lhs) ? NOTHING : known, isScalar(rhs) ? NOTHING : known);
  const matched = matching.on ? only(known, matching.labels) : minus(known, matching.labels);
  if (op === 'or') return narrowed(matched, matched);
  if (op === 'and' || op === 'unless') return narrowed(known, matched);
  const many = minus(known, matching.include);
  if (matching.card === 'many-to-one') return narrowed(many, minus(matched, matching.include));
  if (matching.card === 'one-to-many') return narrowed(minus(matched, matching.include), many);
  return narrowed(matched, matched);
}

const NOTHING: KnownLabels = { values: new Map(), unknown: 'others' };

function isScalar(expr: Expr): boolean {
  if (expr.kind === 'parenExpr' || expr.kind === 'unaryExpr') return isScalar(expr.expr);
  if (expr.kind === 'binaryExpr') return expr.matching === undefined && isScalar(expr.lhs) && isScalar(expr.rhs);
  return expr.kind === 'numberLiteral' || (expr.kind === 'call' && ['scalar', 'time', 'pi'].includes(expr.func));
}

/** Functions whose results have nothing to do with the labels of what they read. */
const LABEL_MAKERS = new Set(['scalar', 'vector', 'absent', 'absent_over_time', 'info', 'histogram_quantiles']);

function narrowCall(call: Call, known: KnownLabels): Call {
  const inner = ofArguments(call, known);
  return { ...call, args: call.args.map((arg) => narrowInputs(arg, isScalar(arg) ? NOTHING : inner)) };
}

function ofArguments({ func, args }: Call, known: KnownLabels): KnownLabels {
  if (LABEL_MAKERS.has(func)) return NOTHING;
  if (func === 'label_replace' || func === 'label_join') {
    const target = args[1];
    return target?.kind === 'stringLiteral' ? minus(known, [target.value]) : NOTHING;
  }
  return func.startsWith('histogram_') ? minus(known, ['le']) : known;
}

function minus({ values, unknown }: KnownLabels, names: readonly string[]): KnownLabels {
  return {
    values: new Map([...values].filter(([name]) => !names.includes(name))),
    unknown: unknown === 'others' ? unknown : new Set([...unknown, ...names]),
  };
}

/** What is known of these labels, absence included; the others may have any value. */
function only(known: KnownLabels, names: readonly string[]): KnownLabels {
  const kept = names.flatMap((name) => {
    const value = knownValue(known, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { values: new Map(kept), unknown: 'others' };
}

function knownValue({ values, unknown }: KnownLabels, name: string): string | undefined {
  const value = values.get(name);
  if (value !== undefined || unknown === 'others') return value;
  return unknown.has(name) ? undefined : '';
}
