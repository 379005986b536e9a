import type { RankedLabels, ScopeConfig } from '../../context/tenant.ts';

/** Where `asserts_env` and `asserts_site` of a source come from, one sentence each, and what to set for them. */
export function scopeHint({ env, site }: ScopeConfig, expected?: Readonly<Record<string, string>>): string[] {
  return [
    `asserts_env is ${describe(env, 'series without one are refused')}.`,
    `asserts_site is ${describe(site, 'it may be missing')}.`,
    ...(expected === undefined ? externalLabels(env, site) : global(Object.entries(expected).map(asYaml))),
  ];
}

function describe({ labels, default: fallback }: RankedLabels, otherwise: string): string {
  const found = labels.length === 0 ? 'read from no label' : `the first of ${labels.join(', ')} that a series has`;
  return `${found}; ${fallback === undefined ? otherwise : `else ${JSON.stringify(fallback)}`}`;
}

/** The snippet that gives every series of a Prometheus its scope. */
export function externalLabels(env: RankedLabels, site?: RankedLabels): string[] {
  const entries = [
    ...env.labels.slice(0, 1).map((label) => `${label}: prod`),
    ...(site?.labels ?? []).slice(0, 1).map((label) => `${label}: eu-west-1`),
  ];
  return global(entries);
}

function global(entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : ['global:', '  external_labels:', ...entries.map((entry) => `    ${entry}`)];
}

function asYaml([name, value]: readonly [string, string]): string {
  return `${name}: ${JSON.stringify(value)}`;
}
