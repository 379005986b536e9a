import type { Labels } from '../model/labels.ts';
import type { RankedLabels, ScopeConfig } from './tenant.ts';

/** The environment a series belongs to. Mandatory: everything that is discovered or judged later is asked for by it. */
export const ENV_LABEL = 'asserts_env';

/** The second scope, often a region or a cluster. Optional. */
export const SITE_LABEL = 'asserts_site';

/**
 * Sets `asserts_env` and `asserts_site` from the first label of each ranking that the series has, else from the
 * default. A scope that nothing gives a value for is left unset.
 */
export function applyScope(labels: Labels, scope: ScopeConfig): Labels {
  const env = rankedValue(labels, scope.env);
  const site = rankedValue(labels, scope.site);
  if (labels.get(ENV_LABEL) === env && labels.get(SITE_LABEL) === site) return labels;
  return labels.with({ [ENV_LABEL]: env, [SITE_LABEL]: site });
}

/**
 * Which labels were looked for in vain, and what to configure so that the next series has an environment; labels of the raw
 * series whose names sound like one are named.
 */
export function missingEnvDetail({ env }: ScopeConfig, series: Labels): string {
  const meant = [...series].filter(({ name }) => soundsLike('env', name) && !env.labels.includes(name));
  const hint = meant.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(', ');
  const looked = env.labels.length === 0 ? 'no label is configured' : `none of ${env.labels.join(', ')} has a value`;
  return (
    `${looked} and there is no default: name the label that holds the environment in scope.env.labels of the source in ` +
    `tributary.yml${hint === '' ? '' : ` (it has ${hint})`}, or give scope.env.default, or set external_labels in Prometheus`
  );
}

const SOUNDS = {
  env: /(^|_)(env|environment|stage|staging|tier)($|_)/i,
  site: /(^|_)(region|zone|site|datacenter|dc|cluster|location)($|_)/i,
} as const;

/** Whether the name of a label sounds like an environment or like a site. */
export function soundsLike(part: 'env' | 'site', name: string): boolean {
  return SOUNDS[part].test(name);
}

function rankedValue(labels: Labels, ranked: RankedLabels): string {
  for (const name of ranked.labels) {
    const value = labels.get(name);
    if (value !== '') return value;
  }
  return ranked.default ?? '';
}
