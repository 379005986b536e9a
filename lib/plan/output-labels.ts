import { METRIC_NAME } from '../model/labels.ts';
import type { BinaryExpr, Call, Expr } from '../promql/ast.ts';

/** Label names that the result of an expression may have; `any` where the data decides. */
export type OutputLabels = ReadonlySet<string> | 'any';

/** What can be said of an expression's labels without data; the metric name is left out. */
export function outputLabels(expr: Expr): OutputLabels {
  switch (expr.kind) {
    case 'numberLiteral':
    case 'stringLiteral':
      return new Set();
    case 'vectorSelector':
    case 'matrixSelector':
      return 'any';
    case 'parenExpr':
    case 'unaryExpr':
    case 'subquery':
      return outputLabels(expr.expr);
    case 'binaryExpr':
      return ofBinary(expr);
    case 'call':
      return ofCall(expr);
    case 'aggregation':
      if (['topk', 'bottomk', 'limitk', 'limit_ratio'].includes(expr.op)) return outputLabels(expr.expr);
      if (expr.without) return removed(outputLabels(expr.expr), expr.grouping);
      return withValueLabel(expr.param, expr.op, kept(outputLabels(expr.expr), expr.grouping));
  }
}

function ofBinary({ op, lhs, rhs, matching }: BinaryExpr): OutputLabels {
  const [left, right] = [outputLabels(lhs), outputLabels(rhs)];
  if (op === 'or') return union(left, right);
  if (op === 'and' || op === 'unless') return left;
  if (matching === undefined) return union(left, right);
  if (matching.card === 'many-to-one') return union(left, new Set(matching.include));
  if (matching.card === 'one-to-many') return union(right, new Set(matching.include));
  return matching.on ? kept(left, matching.labels) : removed(left, matching.labels);
}

function ofCall({ func, args }: Call): OutputLabels {
  if (func === 'label_replace' || func === 'label_join') {
    const target = args[1]?.kind === 'stringLiteral' ? new Set([args[1].value]) : 'any';
    return union(args[0] === undefined ? 'any' : outputLabels(args[0]), target);
  }
  if (func === 'absent' || func === 'absent_over_time' || func === 'info') return 'any';
  if (func === 'scalar' || func === 'time' || func === 'vector') return new Set();
  const inner = args.map(outputLabels).reduce(union, new Set<string>());
  return func.startsWith('histogram_') ? removed(inner, ['le']) : inner;
}

function withValueLabel(param: Expr | undefined, op: string, labels: OutputLabels): OutputLabels {
  return op === 'count_values' && param?.kind === 'stringLiteral' ? union(labels, new Set([param.value])) : labels;
}

function union(a: OutputLabels, b: OutputLabels): OutputLabels {
  return a === 'any' || b === 'any' ? 'any' : new Set([...a, ...b]);
}

function kept(labels: OutputLabels, names: readonly string[]): OutputLabels {
  const wanted = names.filter((name) => name !== METRIC_NAME);
  return new Set(labels === 'any' ? wanted : wanted.filter((name) => labels.has(name)));
}

/** `any` minus a few names is still more than can be listed. */
function removed(labels: OutputLabels, names: readonly string[]): OutputLabels {
  return labels === 'any' ? 'any' : new Set([...labels].filter((name) => !names.includes(name)));
}
