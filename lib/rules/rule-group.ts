import type { Expr } from '../promql/ast.ts';

/** A rule of a Prometheus rule file and the lines that its keys stand on. */
interface WrittenRule {
  readonly expr: string;
  readonly ast: Expr;
  /** The rule's own labels over those of its group. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where the rule begins. */
  readonly line: number;
  /** Lines of its keys: `record`, `expr`, `labels`, `labels.<name>` … */
  readonly lines: Readonly<Record<string, number>>;
}

export interface RecordingRule extends WrittenRule {
  readonly kind: 'recording';
  readonly record: string;
}

export interface AlertingRule extends WrittenRule {
  readonly kind: 'alerting';
  readonly alert: string;
  /** Milliseconds. */
  readonly for: number;
  /** Milliseconds. */
  readonly keepFiringFor: number;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  /** Milliseconds; absent where the file leaves it to the global interval. */
  readonly interval?: number;
  /** Milliseconds. */
  readonly queryOffset?: number;
  /** Most series a rule of the group may yield; 0 for no limit. */
  readonly limit: number;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

export interface RuleFile {
  readonly file: string;
  readonly groups: readonly RuleGroup[];
}
