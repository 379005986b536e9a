import type { ScopeConfig } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import type { SequenceValue } from '../../promql/notation/sequence-value.ts';

/** A series and its values, one an interval from time 0 on. */
export interface TestSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

/** Which alerts of a name fire at a time (ms). */
export interface AlertRuleTest {
  readonly evalTime: number;
  readonly alertname: string;
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** What an expression gives at a time (ms). */
export interface ExprTest {
  readonly evalTime: number;
  readonly expr: string;
  readonly samples: readonly { readonly labels: Labels; readonly value: SequenceValue }[];
}

/** What becomes of raw series: not part of promtool's format. */
export interface ContextualizeTest {
  readonly scope: ScopeConfig;
  readonly input: readonly TestSeries[];
  readonly series: readonly TestSeries[];
  readonly dropped: readonly { readonly labels: Labels; readonly reason: string }[];
}

export interface TestGroup {
  /** `''` where it has none. */
  readonly name: string;
  /** ms between two values of a series. */
  readonly interval: number;
  readonly input: readonly TestSeries[];
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** ms since 1970 of the first value. */
  readonly start: number;
  readonly alerts: readonly AlertRuleTest[];
  readonly expressions: readonly ExprTest[];
  readonly contextualize: readonly ContextualizeTest[];
}

/** A file of promtool's unit tests. */
export interface TestFile {
  readonly file: string;
  /** As written, relative to the folder of the file; they may hold wildcards. */
  readonly ruleFiles: readonly string[];
  readonly relabelFiles: readonly string[];
  /** ms. */
  readonly evaluationInterval: number;
  readonly groupEvalOrder: readonly string[];
  /** Values one unit in the last place apart pass as equal. */
  readonly fuzzyCompare: boolean;
  readonly tests: readonly TestGroup[];
}
