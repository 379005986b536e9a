import type { Call, Expr, MatrixSelector } from '../promql/ast.ts';
import { formatDuration } from '../promql/duration.ts';
import { parseExpr } from '../promql/parse.ts';
import { walk } from '../promql/walk.ts';
import type { Pack } from '../rules/pack.ts';
import type { RuleGroup } from '../rules/rule-group.ts';

/** The window of rates in packs, ms: two samples of a source that is scraped every two minutes. */
export const RATE_WINDOW_MS = 5 * 60_000;

/**
 * A pack whose rates over five minutes look back up to `widest` (ms) for series with fewer than two samples in five
 * minutes, as long as they have a recent one. Rates of other series stay as they are. Rules of the user's own stay as
 * they were written.
 */
export function widenWindows(pack: Pack, widest: number): Pack {
  if (!pack.strict || widest <= RATE_WINDOW_MS) return pack;
  return {
    ...pack,
    ruleFiles: pack.ruleFiles.map((file) => ({
      ...file,
      groups: file.groups.map((group) => widenGroup(group, widest)),
    })),
  };
}

function widenGroup(group: RuleGroup, widest: number): RuleGroup {
  return {
    ...group,
    rules: group.rules.map((rule) => {
      const expr = widenExpr(rule.expr, rule.ast, widest);
      return expr === rule.expr ? rule : { ...rule, expr, ast: parseExpr(expr) };
    }),
  };
}

/** `text` is the expression as written, in which the positions of `ast` count. */
function widenExpr(text: string, ast: Expr, widest: number): string {
  const rates = [...walk(ast)].flatMap(rateOf);
  // From the end on, so that the positions before stay right.
  const backwards = rates.toSorted((a, b) => b.call.position.start - a.call.position.start);
  return backwards.reduce((written, { call, window }) => {
    const slice = ({ start, end }: Call['position']) => text.slice(start, end);
    const selector = slice(window.selector.position);
    const wide = `(${slice(call.position)} or (rate(${selector}[${formatDuration(widest)}]) and ${selector}))`;
    return written.slice(0, call.position.start) + wide + written.slice(call.position.end);
  }, text);
}

function rateOf(node: Expr): { readonly call: Call; readonly window: MatrixSelector }[] {
  if (node.kind !== 'call' || node.func !== 'rate') return [];
  const [window] = node.args;
  if (window?.kind !== 'matrixSelector' || window.range !== RATE_WINDOW_MS || window.rangeExpr !== undefined) return [];
  const { offset, offsetExpr, timestamp, startOrEnd, extension } = window.selector;
  const isElsewhen = offset !== 0 || [offsetExpr, timestamp, startOrEnd, extension].some((one) => one !== undefined);
  return isElsewhen ? [] : [{ call: node, window }];
}
