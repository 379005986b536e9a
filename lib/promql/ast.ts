import type { Matcher } from '../model/matcher.ts';
import type { PositionRange } from './annotations.ts';

/** A PromQL expression. Immutable; `kind` carries the names that Prometheus's `/api/v1/parse_query` gives to nodes. */
export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | SubqueryExpr
  | Call
  | AggregateExpr
  | BinaryExpr
  | UnaryExpr
  | ParenExpr;

export interface NumberLiteral {
  readonly kind: 'numberLiteral';
  readonly value: number;
  /** Written as a duration (`5m`); `value` is then in seconds. */
  readonly duration: boolean;
  readonly position: PositionRange;
}

export interface StringLiteral {
  readonly kind: 'stringLiteral';
  readonly value: string;
  readonly position: PositionRange;
}

/** The modifiers that selectors and subqueries share. */
export interface TimeModifiers {
  /** Milliseconds, positive into the past. */
  readonly offset: number;
  /** A duration that only the query's grid settles (`offset step()`); `offset` is then 0 until it is resolved. */
  readonly offsetExpr?: DurationExpr;
  /** `@ <time>` in milliseconds. */
  readonly timestamp?: number;
  /** `@ start()` or `@ end()`. */
  readonly startOrEnd?: 'start' | 'end';
}

export interface VectorSelector extends TimeModifiers {
  readonly kind: 'vectorSelector';
  /** The name before the braces, or `''`. */
  readonly name: string;
  /** In the order written; the matcher of `name` comes last. */
  readonly matchers: readonly Matcher[];
  readonly extension?: 'anchored' | 'smoothed';
  readonly position: PositionRange;
}

export interface MatrixSelector {
  readonly kind: 'matrixSelector';
  readonly selector: VectorSelector;
  /** Milliseconds. */
  readonly range: number;
  readonly rangeExpr?: DurationExpr;
  readonly position: PositionRange;
}

export interface SubqueryExpr extends TimeModifiers {
  readonly kind: 'subquery';
  readonly expr: Expr;
  /** Milliseconds. */
  readonly range: number;
  readonly rangeExpr?: DurationExpr;
  /** Milliseconds; 0 stands for the engine's default. */
  readonly step: number;
  readonly stepExpr?: DurationExpr;
  readonly position: PositionRange;
}

export interface Call {
  readonly kind: 'call';
  readonly func: string;
  readonly args: readonly Expr[];
  readonly position: PositionRange;
}

export const AGGREGATORS = [
  'avg',
  'bottomk',
  'count',
  'count_values',
  'group',
  'limit_ratio',
  'limitk',
  'max',
  'min',
  'quantile',
  'stddev',
  'stdvar',
  'sum',
  'topk',
] as const;
export type Aggregator = (typeof AGGREGATORS)[number];

export interface AggregateExpr {
  readonly kind: 'aggregation';
  readonly op: Aggregator;
  readonly expr: Expr;
  /** The first argument of `topk`, `bottomk`, `quantile`, `count_values`, `limitk` and `limit_ratio`. */
  readonly param?: Expr;
  readonly grouping: readonly string[];
  readonly without: boolean;
  readonly position: PositionRange;
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type ComparisonOp = '==' | '!=' | '<' | '>' | '<=' | '>=';
export type SetOp = 'and' | 'or' | 'unless';
/** `</` and `>/` cut a native histogram at a bound. */
export type TrimOp = '</' | '>/';
export type BinaryOp = ArithmeticOp | ComparisonOp | SetOp | TrimOp;

export type Cardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';

export interface VectorMatching {
  readonly card: Cardinality;
  readonly labels: readonly string[];
  /** `on (labels)`; otherwise `ignoring (labels)`. */
  readonly on: boolean;
  /** Labels that `group_left`/`group_right` carry over from the side of one. */
  readonly include: readonly string[];
  /** What stands in for a series that one side lacks. */
  readonly fillLeft?: number;
  readonly fillRight?: number;
}

export interface BinaryExpr {
  readonly kind: 'binaryExpr';
  readonly op: BinaryOp;
  readonly lhs: Expr;
  readonly rhs: Expr;
  /** Present where both sides are vectors. */
  readonly matching?: VectorMatching;
  readonly returnBool: boolean;
  readonly position: PositionRange;
}

export interface UnaryExpr {
  readonly kind: 'unaryExpr';
  readonly op: '+' | '-';
  readonly expr: Expr;
  readonly position: PositionRange;
}

export interface ParenExpr {
  readonly kind: 'parenExpr';
  readonly expr: Expr;
  readonly position: PositionRange;
}

/** Arithmetic on durations (feature `promql-duration-expr`); every value is in seconds. */
export type DurationExpr =
  | { readonly kind: 'number'; readonly value: number; readonly duration: boolean; readonly position: PositionRange }
  | { readonly kind: 'step' | 'range'; readonly position: PositionRange }
  | {
      readonly kind: 'min_of' | 'max_of';
      readonly lhs: DurationExpr;
      readonly rhs: DurationExpr;
      readonly position: PositionRange;
    }
  | {
      readonly kind: 'binary';
      readonly op: '+' | '-' | '*' | '/' | '%' | '^';
      readonly lhs: DurationExpr;
      readonly rhs: DurationExpr;
      readonly position: PositionRange;
    }
  | { readonly kind: 'unary'; readonly op: '+' | '-'; readonly expr: DurationExpr; readonly position: PositionRange }
  | { readonly kind: 'paren'; readonly expr: DurationExpr; readonly position: PositionRange };
