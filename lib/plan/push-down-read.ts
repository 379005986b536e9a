import { applyIdentity } from '../context/identity.ts';
import { applyScope, ENV_LABEL, missingEnvDetail } from '../context/scope.ts';
import type { ScopeConfig } from '../context/tenant.ts';
import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { compileRelabelConfigs, type Relabeler } from '../relabel/relabel.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import { compileLabelSteps, compileMapping, type Mapping, NAME_LABEL } from './mapping.ts';
import type { LabelStep } from './mapping-expr.ts';
import type { MappingRule } from './plan.ts';
import { matchesAll } from './selection.ts';

/** A rule that no question to a server can stand for; the text says why. */
export class NotPushedError extends Error {
  override name = 'NotPushedError';
}

/** The label that selects a read in a pushed rule's own expression. */
export const READ_LABEL = '__read__';

/** How groups that become one series are added up; absent: they are series, and two of them never become one. */
export type Combine = 'sum' | 'min' | 'max';

/** What stands in a pushed rule's expression in place of raw or normalised series. */
export interface PushedRead {
  /** The value of `__read__`. */
  readonly key: string;
  readonly combine?: Combine;
  readonly questions: readonly PushedQuestion[];
  /** What pushed rules gave for the same time is found by the same selector. */
  readonly matchers?: readonly Matcher[];
}

/** An answer of the server that goes into a read, and the names that its series get. */
export interface PushedQuestion {
  /** Index among the queries. */
  readonly query: number;
  readonly contextualize: (answered: Labels) => ContextualizedGroup;
}

export type ContextualizedGroup =
  | { readonly kind: 'mapped'; readonly labels: Labels }
  /** Not what the selector asks for. */
  | { readonly kind: 'other' }
  | { readonly kind: 'dropped'; readonly reason: 'no_asserts_env' | 'relabel_drop'; readonly detail: string };

export interface GroupContext {
  /** Of the raw metric; the server's functions and aggregations drop it. */
  readonly rawName: string;
  readonly scope: ScopeConfig;
  readonly relabelConfigs: readonly RelabelConfig[];
  /** Absent for raw series that are read as they are. */
  readonly mapping?: MappingRule;
  /** Matchers on raw labels that relabelling may still write, so that only it tells. */
  readonly scopedMatchers: readonly Matcher[];
  /** Matchers of the rule's selector that the server did not check. */
  readonly outputMatchers: readonly Matcher[];
  /** What the rule does to the labels of each series before it adds them up. */
  readonly labelSteps: readonly LabelStep[];
  /** Whether the rule's expression sees the metric name. */
  readonly keepsName: boolean;
}

/** Names series or groups of one raw metric as the worker names series of the other sources. */
export function groupContextualizer(context: GroupContext): PushedQuestion['contextualize'] {
  const { rawName, scope, mapping, scopedMatchers, outputMatchers, labelSteps, keepsName } = context;
  // Most servers have few of the metrics that the rules know, and regexes are dear to compile.
  let compiled: Pick<Mapping, 'mapLabels'> & {
    readonly relabel: Relabeler;
    readonly finish: (labels: Labels) => Labels;
  };
  return (answered) => {
    compiled ??= {
      relabel: compileRelabelConfigs(context.relabelConfigs),
      mapLabels: mapping === undefined ? withoutLineage : compileMapping(mapping).mapLabels,
      finish: labelSteps.length === 0 ? (labels) => labels : compileLabelSteps(labelSteps),
    };
    const { relabel, mapLabels, finish } = compiled;
    const named = answered.with({ [METRIC_NAME]: rawName });
    const relabelled = relabel(applyScope(named, scope).with({ [NAME_LABEL]: rawName }));
    if (relabelled === undefined) {
      return { kind: 'dropped', reason: 'relabel_drop', detail: `dropped by a relabel config` };
    }
    const scoped = applyIdentity(relabelled, scope.identity);
    if (!scoped.has(ENV_LABEL))
      return { kind: 'dropped', reason: 'no_asserts_env', detail: missingEnvDetail(scope, answered) };
    if (scoped.metricName !== rawName || !matchesAll(scopedMatchers, scoped)) return { kind: 'other' };
    const labels = mapLabels(scoped, rawName);
    if (!matchesAll(outputMatchers, labels)) return { kind: 'other' };
    return { kind: 'mapped', labels: finish(keepsName ? labels : labels.withoutMetricName()) };
  };
}

/** A kept raw series has no `asserts_name`, which would only repeat its own name. */
function withoutLineage(labels: Labels): Labels {
  return labels.without(NAME_LABEL);
}
