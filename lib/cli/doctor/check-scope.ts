import { soundsLike } from '../../context/scope.ts';
import type { RankedLabels, Source } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import { externalLabels } from '../setup/scope-hint.ts';
import type { ExpectedSeries } from './expect-series.ts';
import type { Finding } from './finding.ts';

/** Whether every selected series gets an environment and a site, with lines to paste where some do not. */
export function checkScope(source: Source, raw: readonly Labels[], expected: ExpectedSeries): Finding[] {
  const { env, site } = source.scope;
  const without = expected.dropped.get('no_asserts_env');
  const { contextualized, withoutSite } = expected;
  const findings: Finding[] = [];
  if (without !== undefined) {
    findings.push({
      check: 'scope',
      verdict: contextualized === 0 ? 'broken' : 'warning',
      message: `${without.count} series have no environment and will be refused, for example ${without.series}`,
      remedy: remedyFor(source, 'env', env, raw),
      snippet: snippetFor(source, 'env', env, raw),
    });
  } else if (contextualized > 0) {
    findings.push({ check: 'scope', verdict: 'ok', message: 'every series gets asserts_env' });
  }
  if (withoutSite > 0 && site.labels.length > 0) {
    findings.push({
      check: 'scope',
      verdict: 'note',
      message: `${withoutSite} series have no site (${site.labels.join(', ')}), which is allowed`,
      remedy: remedyFor(source, 'site', site, raw),
      snippet: snippetFor(source, 'site', site, raw),
    });
  }
  return findings;
}

type Part = 'env' | 'site';

function remedyFor(source: Source, part: Part, ranked: RankedLabels, raw: readonly Labels[]): string {
  const found = candidates(part, ranked, raw);
  if (found.length > 0)
    return `series have ${found.join(', ')}: name it in the scope of ${source.name} in tributary.yml`;
  return source.type === 'query'
    ? `answers to queries lack external labels: set a default in the scope of ${source.name} in tributary.yml`
    : 'set an external label in the prometheus.yml of the server, or a default in the scope of the source';
}

function snippetFor(source: Source, part: Part, ranked: RankedLabels, raw: readonly Labels[]): string[] {
  const found = candidates(part, ranked, raw);
  if (found.length > 0) return ['scope:', `  ${part}: { labels: [${[...ranked.labels, ...found].join(', ')}] }`];
  const value = part === 'env' ? 'prod' : 'eu-west-1';
  const labels = ranked.labels.length === 0 ? '' : `labels: [${ranked.labels.join(', ')}], `;
  if (source.type === 'query' || ranked.labels.length === 0)
    return ['scope:', `  ${part}: { ${labels}default: ${value} }`];
  return externalLabels({ labels: ranked.labels }).map((line) => line.replace('prod', value));
}

function candidates(part: Part, { labels: known }: RankedLabels, raw: readonly Labels[]): string[] {
  const names = new Set<string>();
  for (const labels of raw) for (const { name } of labels) names.add(name);
  return [...names].filter((name) => soundsLike(part, name) && !known.includes(name)).sort();
}
