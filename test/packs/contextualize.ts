import { readdirSync } from 'node:fs';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { loadPack } from '../../lib/rules/pack.ts';
import { series } from '../model/series.ts';

const root = new URL('../../', import.meta.url).pathname;

/** The plan of these packs. */
export function planOfPacks(names: readonly string[]): Plan {
  return compilePlan({
    packs: names.map((name) =>
      loadPack({ name, folder: `${root}rules/packs/${name}`, shownAs: `rules/packs/${name}`, strict: true }),
    ),
  });
}

/** The plan of all packs together: what one pack makes, no other may spoil. */
export const plan = planOfPacks(readdirSync(`${root}rules/packs`).sort());

/** The plan of the packs that are on by default. */
export const defaultPlan = planOfPacks(['prometheus', 'http', 'node', 'red']);

export const contextualizer = new Contextualizer(plan);
export const selects = newSelection(plan);
export const SCOPE = { env: { labels: [], default: 'prod' }, site: { labels: [] }, identity: DEFAULT_IDENTITY };

/**
 * `name{labels} value` of an exporter to what is stored, one line each, sorted: the record, then only what was *added*
 * to the raw labels (without scope, source and lineage, which `lineageOf` shows), then the value.
 */
export function contextualize(exposed: string): string[] {
  const [raw, value] = splitSample(exposed);
  const result = contextualizer.contextualize(raw, SCOPE, exposed);
  if (result.kind === 'dropped') return [selects(raw) ? result.reason : 'not selected'];
  if (!selects(raw)) return [`BUG: ${raw} is refused at the door`];
  return result.outputs
    .map(({ labels, map }) => {
      const added = labels.filter(
        (name) => labels.get(name) !== raw.get(name) && !['__name__', 'asserts_env', 'asserts_name'].includes(name),
      );
      const lost = raw.filter((name) => name !== '__name__' && labels.get(name) !== raw.get(name));
      if (lost.size > 0) throw new Error(`${exposed} loses ${lost}`);
      if (labels.get('asserts_name') !== raw.metricName) throw new Error(`${exposed} loses its name`);
      const text = [...added].map((label) => `${label.name.replace('asserts_', '')}=${label.value}`).join(' ');
      return `${labels.metricName} ${text} = ${map(value)}`;
    })
    .sort();
}

export function splitSample(exposed: string) {
  const at = exposed.lastIndexOf(' ');
  return [series(exposed.slice(0, at)), Number(exposed.slice(at + 1))] as const;
}
