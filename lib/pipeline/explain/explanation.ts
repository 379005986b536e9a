import type { TraceStep } from '../../plan/explain/trace-series.ts';
import type { RuleOrigin } from '../../plan/plan.ts';

/** A sample as people read it: ms, and the value as the HTTP API writes it (JSON has no spelling for all floats). */
export interface ShownSample {
  readonly timestamp: number;
  readonly value: string;
}

/** A rule of the plan as it was written. */
export interface ShownRule {
  /** What it records, or the name of its alert. */
  readonly name: string;
  readonly kind: 'mapping' | 'kept raw' | 'recording' | 'alerting';
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly origin: RuleOrigin;
}

/** Where raw samples may have come in. */
export interface ShownSource {
  readonly name: string;
  readonly type: string;
}

/** The raw series of a normalised one. */
export interface ShownRaw {
  readonly series: string;
  /** Labels that it may have had as well, not have had, or with another value: what became of it would be the same. */
  readonly uncertain: readonly string[];
  /** Values before the mapping, computed from those that are stored; `exact` where mapping them gives these again. */
  readonly samples: readonly (ShownSample & { readonly exact: boolean })[];
}

/** Series that a selector of a derived rule found. */
export interface ShownInput {
  /** As the rule has it, with what the explained series says of the labels. */
  readonly selector: string;
  /** Rules that record what it can find. */
  readonly recordedBy: readonly ShownRule[];
  /** Series found; absent where nothing was asked. */
  readonly found?: number;
  /** The first of them, each explained in turn. */
  readonly series: readonly Explanation[];
}

/** The evaluation that gave a derived series its last sample. */
export interface ShownEvaluation {
  readonly group: string;
  /** ms. */
  readonly interval: number;
  /** Evaluation time, ms; samples carry it less the group's `query_offset`. */
  readonly time: number;
  /**
   * What the expression gives for that time now: equal to what is stored, unless samples came late or expired; absent
   * where it gives no such series any more.
   */
  readonly value?: string;
}

/** A question that a query source was asked for a series. */
export interface ShownQuestion {
  readonly source: string;
  readonly query: string;
}

/** Where a series comes from. */
export interface Explanation {
  readonly series: string;
  /** `unknown`: no rule of this plan makes such a series. */
  readonly kind: 'normalised' | 'kept raw' | 'derived' | 'alert' | 'unknown';
  /** What cannot be told, and why. */
  readonly note?: string;
  /** The rule that made it; more than one where they cannot be told apart. */
  readonly rules: readonly ShownRule[];
  /** The latest that are stored, newest last. */
  readonly samples: readonly ShownSample[];
  /** Of normalised and kept raw series. */
  readonly raw?: ShownRaw;
  readonly sources?: readonly ShownSource[];
  readonly steps?: readonly TraceStep[];
  /** Of derived series and alerts. */
  readonly evaluation?: ShownEvaluation;
  readonly inputs?: readonly ShownInput[];
  readonly questions?: readonly ShownQuestion[];
}
