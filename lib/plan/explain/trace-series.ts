import { applyIdentity } from '../../context/identity.ts';
import { applyScope, ENV_LABEL, SITE_LABEL } from '../../context/scope.ts';
import type { RankedLabels, ScopeConfig } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import { compileRelabelConfigs, type Relabeler } from '../../relabel/relabel.ts';
import { compileMapping, type Mapping, NAME_LABEL } from '../mapping.ts';
import type { KeptRaw, MappingRule, Plan, PlannedRelabelConfig, RuleOrigin } from '../plan.ts';
import { type LabelChange, labelChanges } from './label-changes.ts';

/** One step on the way of a raw series, and what it did to the labels. */
export interface TraceStep {
  readonly step: 'scope' | 'relabel' | 'identity' | 'mapping' | 'budget';
  /** What was applied, as it was written. */
  readonly what: string;
  /** Absent where tributary.yml decides, and not a file of rules. */
  readonly at?: Pick<RuleOrigin, 'pack' | 'file' | 'line'>;
  readonly changes: readonly LabelChange[];
}

/**
 * The way of a raw series through scope, relabel configs, identity and one rule. Configs that changed nothing are left out.
 * Only for series that get through: a config that drops the series ends the trace.
 */
export function traceSeries(
  { relabelConfigs }: Pick<Plan, 'relabelConfigs'>,
  raw: Labels,
  scope: ScopeConfig,
  rule: MappingRule | KeptRaw,
): TraceStep[] {
  const scoped = applyScope(raw, scope);
  const steps: TraceStep[] = [{ step: 'scope', what: describeScope(raw, scope), changes: labelChanges(raw, scoped) }];
  let labels = scoped.with({ [NAME_LABEL]: raw.metricName });
  for (const config of relabelConfigs) {
    const after = relabelerOf(config)(labels);
    if (after === undefined) return steps;
    const changes = labelChanges(labels, after);
    if (changes.length > 0) steps.push({ step: 'relabel', what: describeConfig(config), at: config.origin, changes });
    labels = after;
  }
  const identified = applyIdentity(labels, scope.identity);
  const added = labelChanges(labels, identified);
  if (added.length > 0) steps.push({ step: 'identity', what: IDENTITY, changes: added });
  labels = identified;
  if (!('record' in rule)) return steps;
  const mapped = mappingOf(rule).mapLabels(labels, raw.metricName);
  const { pack, file, line } = rule.origin;
  const changes = labelChanges(labels.without(NAME_LABEL), mapped);
  return [...steps, { step: 'mapping', what: rule.expr, at: { pack, file, line }, changes }];
}

const relabelers = new WeakMap<PlannedRelabelConfig, Relabeler>();
const mappings = new WeakMap<MappingRule, Mapping>();

/** Compiled when first needed: regexes are dear, and one answer traces many series. */
function relabelerOf(config: PlannedRelabelConfig): Relabeler {
  const known = relabelers.get(config) ?? compileRelabelConfigs([config]);
  relabelers.set(config, known);
  return known;
}

function mappingOf(rule: MappingRule): Mapping {
  const known = mappings.get(rule) ?? compileMapping(rule);
  mappings.set(rule, known);
  return known;
}

const IDENTITY = 'scope.identity of the source names what the series does not name itself';

/** Which label decided on the scope, or that a default did. */
function describeScope(raw: Labels, { env, site }: ScopeConfig): string {
  return `${ENV_LABEL} from ${decider(raw, env)}, ${SITE_LABEL} from ${decider(raw, site)}`;
}

function decider(raw: Labels, { labels, default: fallback }: RankedLabels): string {
  const name = labels.find((label) => raw.has(label));
  if (name !== undefined) return `label ${name}`;
  return fallback === undefined ? 'nothing' : 'the default of the source';
}

function describeConfig({ action, sourceLabels, separator, regex, targetLabel, replacement }: PlannedRelabelConfig) {
  const from = sourceLabels.length === 0 ? '' : ` [${sourceLabels.join(separator === ';' ? ', ' : separator)}]`;
  const matching = regex === '(.*)' ? '' : ` ${JSON.stringify(regex)}`;
  const target = targetLabel === '' ? '' : ` -> ${targetLabel}`;
  const value = action === 'replace' && replacement !== '$1' ? ` = ${JSON.stringify(replacement)}` : '';
  return `${action}${from}${matching}${target}${value}`;
}
