import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { pushedPoints, type RawSeries, storedPoints } from '../pipeline/query-source-fixture.ts';
import { parseScript } from '../promql/script/parse-script.ts';
import { planOfPacks } from './contextualize.ts';

const folder = new URL('./golden/', import.meta.url).pathname;
const packs = readdirSync(folder).flatMap((file) => (file.endsWith('.test') ? [file.slice(0, -'.test'.length)] : []));

const MINUTE = 60_000;
const TIMES = { start: 9 * MINUTE, end: 10 * MINUTE, step: MINUTE };
const SCOPE = {
  env: { labels: ['asserts_env'], default: 'prod' },
  site: { labels: ['asserts_site'] },
  identity: DEFAULT_IDENTITY,
};

describe('a source that is asked for results gives what a source that sends samples gives', () => {
  it.each(packs)('with the series of %s', async (pack) => {
    const plan = planOfPacks([...new Set(['http', pack, 'red'])]);
    const raw = loadedBy(pack);
    const { points } = await pushedPoints(plan, SCOPE, raw, TIMES);
    const stored = await storedPoints(plan, SCOPE, raw, TIMES);
    expect([...points.keys()].sort()).toEqual([...stored.keys()].sort());
    for (const [key, value] of points) expect(value, key).toBeCloseTo(stored.get(key) ?? Number.NaN, 6);
  });
});

/** The raw series of a golden script; histograms are left out, which a server adds up by itself. */
function loadedBy(pack: string): RawSeries[] {
  const { commands } = parseScript(pack, readFileSync(`${folder}${pack}.test`, 'utf8'), new Set(['contextualize']));
  return commands
    .flatMap((command) =>
      command.kind === 'load' ? command.series.map((one) => ({ ...one, step: command.step })) : [],
    )
    .map(({ labels, values, step }) => ({
      labels,
      samples: values.flatMap((value, i) => (value.kind === 'float' ? [[i * step, value.value] as const] : [])),
    }));
}
