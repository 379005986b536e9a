import type { Expr, VectorSelector } from '../ast.ts';
import { children } from '../walk.ts';

const OF_STATISTICS: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
const OF_BUCKETS: ReadonlySet<string> = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction']);

/**
 * The selectors of whose histograms only count and sum are used. Prometheus reads these without buckets and works out
 * the counter resets while it does, so their reset hints are definite. A subquery or a function of buckets around them
 * needs the histograms as they are.
 */
export function statisticsSelectors(expr: Expr): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>();
  collect(expr, 'none', found);
  return found;
}

/** What the nodes around an expression do with it: once the buckets are needed, they are needed all the way down. */
type Use = 'none' | 'statistics' | 'buckets';

function collect(expr: Expr, use: Use, found: Set<VectorSelector>): void {
  if (expr.kind === 'vectorSelector') {
    if (use === 'statistics') found.add(expr);
    return;
  }
  const inner = use === 'buckets' ? use : useOf(expr, use);
  for (const child of children(expr)) collect(child, inner, found);
}

function useOf(expr: Expr, outer: Use): Use {
  if (expr.kind === 'subquery') return 'buckets';
  if (expr.kind === 'binaryExpr') return expr.op === '</' || expr.op === '>/' ? 'buckets' : outer;
  if (expr.kind !== 'call') return outer;
  if (OF_BUCKETS.has(expr.func)) return 'buckets';
  return OF_STATISTICS.has(expr.func) ? 'statistics' : outer;
}
