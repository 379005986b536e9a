import type { Expr } from './ast.ts';
import { ExecutionError } from './errors.ts';
import { unwrapParens, walk } from './walk.ts';

/** The functions that know what to do with samples beyond the window. */
const EXTENDED: Readonly<Record<'anchored' | 'smoothed', readonly string[]>> = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
};

/** Refuses extended ranges to functions that cannot use them. Such expressions parse; they cannot be evaluated. */
export function checkExtensions(expr: Expr): void {
  for (const node of walk(expr)) {
    if (node.kind === 'call') for (const arg of node.args) checkArgument(node.func, unwrapParens(arg));
  }
}

function checkArgument(func: string, arg: Expr): void {
  const extension = arg.kind === 'matrixSelector' ? arg.selector.extension : undefined;
  if (extension === undefined || EXTENDED[extension].includes(func)) return;
  const functions = EXTENDED[extension].join(', ');
  throw new ExecutionError(`${extension} modifier can only be used with: ${functions} - not with ${func}`);
}
