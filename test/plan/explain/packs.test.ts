import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import { findRaw } from '../../../lib/plan/explain/find-raw.ts';
import { parseSeriesLine } from '../../../lib/promql/notation/series-line.ts';
import { plan } from '../../packs/contextualize.ts';

const goldens = new URL('../../packs/golden', import.meta.url).pathname;
const SCOPE = { env: { labels: ['asserts_env'], default: 'prod' }, site: { labels: [] } };

/** The indented lines under `load` are raw series as exporters spell them. */
function rawSeries(): Labels[] {
  return readdirSync(goldens)
    .filter((name) => name.endsWith('.test'))
    .flatMap((name) => {
      let loading = false;
      return readFileSync(`${goldens}/${name}`, 'utf8')
        .split('\n')
        .flatMap((line) => {
          if (!/^\s/.test(line)) loading = line.startsWith('load');
          if (!loading || !/^\s+[^\s#]/.test(line)) return [];
          return [parseSeriesLine(line.trim()).labels];
        });
    });
}

it('leads back from everything that the packs make of the series of their goldens', () => {
  const contextualizer = new Contextualizer(plan);
  const failures: string[] = [];
  let [outputs, exact, either] = [0, 0, 0];
  for (const raw of rawSeries()) {
    const result = contextualizer.preview(raw, SCOPE);
    if (result.kind === 'dropped') continue;
    for (const { labels, rule } of result.outputs) {
      outputs++;
      const found = findRaw(labels, { plan, contextualizer, rule, scope: SCOPE });
      if (found === undefined) failures.push(`${labels} has no raw series, and was made of ${raw}`);
      else if (found.raw.equals(raw)) exact++;
      else if (differsOnlyIn(found.raw, raw, found.uncertain)) either++;
      else failures.push(`${raw} is taken for ${found.raw}, sure but for ${found.uncertain}`);
    }
  }
  expect(failures).toEqual([]);
  expect(outputs).toBeGreaterThan(200);
  // Where more than one raw series becomes the same, the guess is mostly the one that it was.
  expect(exact / (exact + either)).toBeGreaterThan(0.8);
}, 60_000);

function differsOnlyIn(a: Labels, b: Labels, names: readonly string[]): boolean {
  return Labels.from(a.without(...names)).equals(Labels.from(b.without(...names)));
}
