import type { MatchType } from '../model/matcher.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';

/** A matcher as plain data; `lib/model/matcher.ts` compiles it. */
export interface MatcherSpec {
  readonly type: MatchType;
  readonly name: string;
  readonly value: string;
}

/** What a mapping rule does to a sample after its selector matched, in order. */
export type MappingStep =
  | { readonly kind: 'multiply' | 'divide'; readonly operand: number }
  | {
      readonly kind: 'label_replace';
      readonly targetLabel: string;
      readonly replacement: string;
      readonly sourceLabel: string;
      readonly regex: string;
    }
  | {
      readonly kind: 'label_join';
      readonly targetLabel: string;
      readonly separator: string;
      readonly sourceLabels: readonly string[];
    };

/** Where a rule was written, for errors and for `explain`. */
export interface RuleOrigin {
  readonly pack: string;
  readonly file: string;
  readonly line: number;
  readonly group: string;
}

/** A recording rule that needs one series at a time: `selector`, perhaps scaled or relabelled (house decision D3). */
export interface MappingRule {
  readonly record: string;
  readonly expr: string;
  readonly matchers: readonly MatcherSpec[];
  readonly steps: readonly MappingStep[];
  readonly labels: Readonly<Record<string, string>>;
  readonly origin: RuleOrigin;
}

/** A recording rule that is evaluated at fixed times over the store. */
export interface DerivedRecordingRule {
  readonly kind: 'recording';
  readonly record: string;
  /** PromQL in canonical form. */
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Rules of lower levels come first; rules of one level in different groups know nothing of each other. */
  readonly level: number;
  readonly origin: RuleOrigin;
}

/** An alerting rule; `labels` and `annotations` are templates. Durations in ms. */
export interface DerivedAlertingRule {
  readonly kind: 'alerting';
  readonly alert: string;
  readonly expr: string;
  readonly for: number;
  readonly keepFiringFor: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly level: number;
  readonly origin: RuleOrigin;
}

export type DerivedRule = DerivedRecordingRule | DerivedAlertingRule;

/** The derived rules of a group of a rule file, in their order; their levels never fall. */
export interface DerivedGroup {
  readonly name: string;
  readonly file: string;
  /** ms; absent where the deployment's evaluation interval applies. */
  readonly interval?: number;
  /** ms that the group looks further into the past than its evaluation time. */
  readonly queryOffset?: number;
  /** Most series or alerts that a rule may give; 0 for no limit. */
  readonly limit: number;
  readonly rules: readonly DerivedRule[];
}

/** Raw series that are stored as they are, because a derived rule reads them. */
export interface KeptRaw {
  /** The selector, as people write it. */
  readonly expr: string;
  readonly matchers: readonly MatcherSpec[];
  /** The first rule that reads them. */
  readonly origin: RuleOrigin;
}

/** A relabel config and where it was written. */
export interface PlannedRelabelConfig extends RelabelConfig {
  readonly origin: Pick<RuleOrigin, 'pack' | 'file' | 'line'>;
}

/**
 * One term of what passes the door: a raw series is selected when all matchers of any term match it. Derived from the
 * rules; matchers on labels that relabelling may still write are left out, so a term never refuses what a rule needs.
 */
export interface SelectionTerm {
  readonly matchers: readonly MatcherSpec[];
}

/**
 * Everything the functions need to know of rules, compiled once when the bundles are built. Plain JSON; `version` is
 * the hash of the rest, so equal rules give equal versions wherever they are compiled.
 */
export interface Plan {
  readonly version: string;
  readonly packs: readonly string[];
  /** Applied to every selected raw series before the rules, in order. */
  readonly relabelConfigs: readonly PlannedRelabelConfig[];
  readonly mappings: readonly MappingRule[];
  /** What is evaluated over the store. */
  readonly derived: readonly DerivedGroup[];
  readonly keptRaw: readonly KeptRaw[];
  readonly selection: readonly SelectionTerm[];
  /** Types, units and help of the metrics that the rules record. */
  readonly metadata: readonly MetricMetadata[];
}
