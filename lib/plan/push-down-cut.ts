import type { ScopeConfig } from '../context/tenant.ts';
import { METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import type { AggregateExpr, BinaryExpr, Call, Expr, VectorSelector } from '../promql/ast.ts';
import { parseExpr } from '../promql/parse.ts';
import { children, selectorsOf, unwrapParens } from '../promql/walk.ts';
import { NAME_LABEL } from './mapping.ts';
import { type LabelStep, labelStepOf } from './mapping-expr.ts';
import { outputLabels } from './output-labels.ts';
import type { DerivedRule, Plan } from './plan.ts';
import { elementwiseOf, isFilter } from './push-down-elementwise.ts';
import { type Leaf, questionsOf, rawNamesOf } from './push-down-leaf.ts';
import type { QueryDrafts } from './push-down-queries.ts';
import { type Combine, NotPushedError, type PushedRead, READ_LABEL } from './push-down-read.ts';
import type { Reads } from './push-down-reads.ts';

export interface CutContext {
  readonly reads: Reads;
  readonly plan: Plan;
  readonly scope: ScopeConfig;
  readonly drafts: QueryDrafts;
}

/**
 * Cuts an expression where the server's part ends: every read of raw or normalised series, with the function over its
 * window, becomes a selector of `__read__`.
 *
 * @throws NotPushedError
 */
export function cutExpr(
  expr: Expr,
  context: CutContext,
): { readonly expr: Expr; readonly reads: readonly PushedRead[] } {
  const cutter = new Cutter(context);
  return { expr: cutter.cut(expr, undefined), reads: cutter.reads };
}

/** The aggregation that the server does for a read. */
interface Grouping {
  readonly combine: Combine;
  readonly labels: readonly string[];
}

class Cutter {
  readonly reads: PushedRead[] = [];
  readonly #context: CutContext;

  constructor(context: CutContext) {
    this.#context = context;
  }

  cut(expr: Expr, grouping: Grouping | undefined): Expr {
    const leaf = this.#leafOf(expr) ?? this.#functionsLeaf(expr, grouping);
    if (leaf !== undefined) return this.#read(leaf, grouping);
    switch (expr.kind) {
      case 'numberLiteral':
      case 'stringLiteral':
      case 'vectorSelector':
        return expr;
      case 'matrixSelector':
        if (this.#findsNothing(expr.selector)) return expr;
        throw new NotPushedError(PAST);
      case 'subquery':
        throw new NotPushedError('a subquery beside raw series');
      case 'parenExpr':
      case 'unaryExpr':
        return { ...expr, expr: this.cut(expr.expr, grouping) };
      case 'call':
        return { ...expr, args: expr.args.map((arg) => this.cut(arg, undefined)) };
      case 'binaryExpr':
        return { ...expr, lhs: this.cut(expr.lhs, grouping), rhs: this.cut(expr.rhs, grouping) };
      case 'aggregation':
        return this.#cutAggregation(expr);
    }
  }

  #cutAggregation(expr: AggregateExpr): Expr {
    const combine = (['sum', 'min', 'max'] as const).find((op) => op === expr.op);
    const isShared = combine !== undefined && !expr.without && this.#mayGroup(expr.expr, combine);
    const grouping = isShared ? { combine, labels: expr.grouping } : undefined;
    const param = expr.param === undefined ? {} : { param: this.cut(expr.param, undefined) };
    return { ...expr, ...param, expr: this.cut(expr.expr, grouping) };
  }

  /** Whether adding up groups first and the groups' sums then is the same as adding up everything at once. */
  #mayGroup(expr: Expr, combine: Combine): boolean {
    const leaf = this.#leafOf(expr) ?? this.#stackedLeaf(expr, combine);
    if (leaf !== undefined) return leaf.reads.derived.length === 0 || leaf.func === undefined;
    if (expr.kind === 'parenExpr') return this.#mayGroup(expr.expr, combine);
    const window = expr.kind === 'call' ? windowOf(expr) : expr.kind === 'vectorSelector' ? expr : undefined;
    if (window !== undefined) return this.#findsNothing(window);
    if (expr.kind !== 'binaryExpr') return false;
    if (expr.op === 'or') return this.#mayJoin(expr, combine);
    return isScaling(expr, combine) && this.#mayGroup(expr.lhs, combine);
  }

  /** `or` leaves out what both sides have; where no raw metric is on both, their series differ in `asserts_name`. */
  #mayJoin({ lhs, rhs, matching }: BinaryExpr, combine: Combine): boolean {
    if (matching?.on === true || (matching?.labels.length ?? 0) > 0) return false;
    if (!this.#mayGroup(lhs, combine) || !this.#mayGroup(rhs, combine)) return false;
    const [left, right] = [this.#lineage(lhs), this.#lineage(rhs)];
    return left !== undefined && right !== undefined && !left.some((name) => right.includes(name));
  }

  /** Nothing that this plan has records what the selector asks for. */
  #findsNothing({ matchers }: VectorSelector): boolean {
    const { mappings, raw, derived, isOpen } = this.#context.reads(matchers);
    return mappings.length + raw.length + derived.length === 0 && !isOpen;
  }

  /** What `asserts_name` may be: raw metrics, or '' for what other rules record; undefined where it cannot be told. */
  #lineage(expr: Expr): readonly string[] | undefined {
    const reads = selectorsOf(expr).map(({ matchers }) => this.#context.reads(matchers));
    if (reads.some(({ derived, raw }) => raw.length > 0 || derived.some(mayHaveLineage))) return undefined;
    return reads.flatMap(({ mappings, derived }) => [
      ...mappings.flatMap(rawNamesOf),
      ...(derived.length > 0 ? [WITHOUT_LINEAGE] : []),
    ]);
  }

  #leafOf(expr: Expr): Leaf | undefined {
    if (expr.kind === 'vectorSelector') return this.#leaf(expr, undefined, expr);
    if (expr.kind !== 'call') return undefined;
    const selector = windowOf(expr);
    const leaf = selector && this.#leaf(selector, expr.func, expr);
    if (leaf !== undefined && BOUND_TO_SELECTOR.has(expr.func)) {
      throw new NotPushedError(`${expr.func}() makes its labels of the selector, which is another one on the server`);
    }
    return leaf;
  }

  /** Without an aggregation only comparisons are worth asking: answers get shorter by what they leave out. */
  #functionsLeaf(expr: Expr, grouping: Grouping | undefined): Leaf | undefined {
    if (grouping !== undefined) return this.#stackedLeaf(expr, grouping.combine);
    return isFilter(expr) ? this.#stackedLeaf(expr, 'sum') : undefined;
  }

  /** A read under functions that look at one series at a time: the server does it before it adds up, or we before we do. */
  #stackedLeaf(expr: Expr, combine: Combine): Leaf | undefined {
    if (isScaling(expr, combine)) return undefined;
    const step = expr.kind === 'call' ? labelStepOf(expr) : undefined;
    const elementwise = elementwiseOf(expr);
    const operand = step && expr.kind === 'call' ? expr.args[0] : elementwise?.operand;
    if (operand === undefined || touchesNames(step)) return undefined;
    const bare = unwrapParens(operand);
    const leaf = this.#leafOf(bare) ?? this.#stackedLeaf(bare, combine);
    if (leaf === undefined || leaf.reads.derived.length > 0) return undefined;
    return {
      ...leaf,
      functions: [...(leaf.functions ?? []), ...(elementwise === undefined ? [] : [elementwise])],
      labelSteps: [...(leaf.labelSteps ?? []), ...(step === undefined ? [] : [step])],
    };
  }

  #leaf(selector: VectorSelector, func: string | undefined, expr: Expr): Leaf | undefined {
    const reads = this.#context.reads(selector.matchers);
    if (reads.isOpen) throw new NotPushedError('a selector whose metric names cannot be listed');
    if (reads.mappings.length + reads.raw.length > 0) {
      checkModifiers(selector);
      return { selector, expr, reads, ...(func === undefined ? {} : { func }) };
    }
    if (expr.kind === 'vectorSelector' && !isPlain(selector)) throw new NotPushedError(PAST);
    return undefined;
  }

  #read(leaf: Leaf, grouping: Grouping | undefined): Expr {
    const { selector, expr, reads, func } = leaf;
    if (reads.derived.length > 0 && (func !== undefined || !isPlain(selector))) throw new NotPushedError(PAST);
    const key = String(this.reads.length);
    const asked = questionsOf(leaf, grouping, this.#context);
    this.reads.push({
      key,
      questions: asked.questions,
      ...(asked.combine === undefined ? {} : { combine: asked.combine }),
      ...(reads.derived.length === 0 ? {} : { matchers: selector.matchers }),
    });
    const { position } = expr;
    const matchers = [new Matcher('=', READ_LABEL, key)];
    return { kind: 'vectorSelector', name: '', matchers, offset: 0, position };
  }
}

/** A constant factor goes through sums, and positive ones through extremes: the question under it may serve others. */
function isScaling(expr: Expr, combine: Combine): expr is BinaryExpr {
  if (expr.kind !== 'binaryExpr' || (expr.op !== '*' && expr.op !== '/')) return false;
  const factor = unwrapParens(expr.rhs);
  return factor.kind === 'numberLiteral' && (combine === 'sum' || factor.value > 0);
}

/** Metrics are told apart by these. */
function touchesNames(step: LabelStep | undefined): boolean {
  if (step === undefined) return false;
  const sources = step.kind === 'label_join' ? step.sourceLabels : [step.sourceLabel];
  return [METRIC_NAME, NAME_LABEL].includes(step.targetLabel) || sources.includes(METRIC_NAME);
}

const WITHOUT_LINEAGE = '';

function mayHaveLineage(rule: DerivedRule): boolean {
  if (rule.kind === 'alerting' || Object.hasOwn(rule.labels, NAME_LABEL)) return true;
  const labels = outputLabels(parseExpr(rule.expr));
  return labels === 'any' || labels.has(NAME_LABEL);
}

const PAST = 'it reads the past of what other rules record beside raw series';

/** Their results depend on the words of the selector, also where it finds nothing. */
const BOUND_TO_SELECTOR = new Set(['absent', 'absent_over_time', 'info']);

/** The selector whose samples a call looks at itself, before anything else does. */
function windowOf(call: Call): VectorSelector | undefined {
  for (const arg of call.args) {
    const inner = unwrapParens(arg);
    if (inner.kind === 'matrixSelector') return inner.selector;
    const readsSelector = call.func === 'timestamp' || BOUND_TO_SELECTOR.has(call.func);
    if (readsSelector && inner.kind === 'vectorSelector') return inner;
    if (readsSelector && children(inner).length > 0 && selectorsOf(inner).length > 0 && call.func !== 'timestamp') {
      throw new NotPushedError(`${call.func}() over an expression`);
    }
  }
  return undefined;
}

function isPlain({ offset, offsetExpr, timestamp, startOrEnd, extension }: VectorSelector): boolean {
  return (
    offset === 0 &&
    offsetExpr === undefined &&
    timestamp === undefined &&
    startOrEnd === undefined &&
    extension === undefined
  );
}

/** What means another time in a range query than in an instant one, or needs a flag of the server's. */
function checkModifiers({ startOrEnd, offsetExpr, extension, matchers }: VectorSelector): void {
  if (startOrEnd !== undefined) throw new NotPushedError(`@ ${startOrEnd}()`);
  if (offsetExpr !== undefined) throw new NotPushedError('an offset that is computed');
  if (extension !== undefined) throw new NotPushedError(`the modifier ${extension}`);
  if (!matchers.some(({ name }) => name === METRIC_NAME)) throw new NotPushedError('a selector without a name');
}
