import { IDENTITY_LABELS, type IdentityConfig, POD_NAMES } from '../../context/identity.ts';
import { ENV_LABEL, SITE_LABEL } from '../../context/scope.ts';
import type { RankedLabels, ScopeConfig } from '../../context/tenant.ts';
import { RELABEL_DEFAULTS } from '../../relabel/parse-relabel-config.ts';
import type { RelabelConfig } from '../../relabel/relabel-config.ts';
import type { Plan } from '../plan.ts';

/**
 * What the worker does to raw series before any rule, as relabel configs alone: scope, the configs of the plan, identity.
 * Under `metric_relabel_configs` of a scrape they make the series that the exported rules read.
 */
export function scrapeRelabelConfigs(
  { relabelConfigs }: Pick<Plan, 'relabelConfigs'>,
  scope: ScopeConfig,
): RelabelConfig[] {
  return [
    ...rankedConfigs(ENV_LABEL, scope.env),
    ...rankedConfigs(SITE_LABEL, scope.site),
    ...relabelConfigs.map(({ origin: _, ...config }) => config),
    ...(scope.identity === undefined ? [] : identityConfigs(scope.identity)),
  ];
}

/** The default first, then the labels from the last of the ranking to the first, each over the ones before. */
function rankedConfigs(target: string, { labels, default: fallback }: RankedLabels): RelabelConfig[] {
  const others = labels.filter((name) => name !== target);
  // The label itself, where it is ranked, is what it is; whatever ranks below it must not write over it.
  const own = labels.indexOf(target);
  const [above, below] = own < 0 ? [others, []] : [others.slice(0, own), others.slice(own)];
  const reset = own < 0 ? [{ ...RELABEL_DEFAULTS, targetLabel: target, replacement: fallback ?? '' }] : [];
  const whereAbsent = below.map((name) => absentConfig(target, name, '(.+)'));
  const last = own >= 0 && fallback !== undefined ? [defaultConfig(target, fallback)] : [];
  const overwriting = above.toReversed().map((name) => ({
    ...RELABEL_DEFAULTS,
    sourceLabels: [name],
    regex: '(.+)',
    targetLabel: target,
  }));
  return [...reset, ...whereAbsent, ...last, ...overwriting];
}

function defaultConfig(target: string, value: string): RelabelConfig {
  return { ...RELABEL_DEFAULTS, sourceLabels: [target], regex: '', targetLabel: target, replacement: value };
}

/** Writes what the regex captures of another label, where the target has no value yet. */
function absentConfig(target: string, source: string, regex: string): RelabelConfig {
  return { ...RELABEL_DEFAULTS, sourceLabels: [target, source], regex: `;${regex}`, targetLabel: target };
}

function identityConfigs(identity: IdentityConfig): RelabelConfig[] {
  const ranked = IDENTITY_LABELS.flatMap((target) =>
    identity[target].filter((name) => name !== target).map((name) => absentConfig(target, name, '(.+)')),
  );
  if (!identity.workloadFromPod) return ranked;
  const guesses = POD_NAMES.map((pattern) => absentConfig('workload', 'pod', pattern.source.slice(1, -1)));
  return [...ranked, ...guesses];
}
