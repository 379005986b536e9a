import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { widenWindows } from '../../lib/plan/widen-windows.ts';
import { loadPack, type Pack } from '../../lib/rules/pack.ts';
import { parseRuleFile } from '../../lib/rules/parse-rule-file.ts';
import { goldenTraffic } from '../packs/exported/golden-traffic.ts';
import { recordedAt, throughWorker } from '../packs/exported/through-worker.ts';
import { load, RuleBench } from '../pipeline/evaluate/run-rules.ts';

const MINUTE = 60_000;
const WIDE = 20 * MINUTE;
const root = new URL('../../rules/packs', import.meta.url).pathname;

function packOf(expr: string, strict = true): Pack {
  const ruleFiles = [parseRuleFile('r.yml', `groups: [{name: g, rules: [{record: a, expr: '${expr}'}]}]`)];
  return { name: 'p', description: '', strict, ruleFiles, relabelFiles: [] };
}

function widened(expr: string): string | undefined {
  return widenWindows(packOf(expr), WIDE).ruleFiles[0]?.groups[0]?.rules[0]?.expr;
}

function planOf(names: readonly string[], widest: number): Plan {
  const packs = names.map((name) =>
    loadPack({ name, folder: `${root}/${name}`, shownAs: `rules/packs/${name}`, strict: true }),
  );
  return compilePlan({ packs: packs.map((pack) => widenWindows(pack, widest)) });
}

describe('widenWindows', () => {
  it('lets rates over five minutes look further back for series that are recent', () => {
    expect(widened('sum by (x) (rate(b{c="d"}[5m]) or e) / (rate(f[300s]) > 0)')).toBe(
      'sum by (x) ((rate(b{c="d"}[5m]) or (rate(b{c="d"}[20m]) and b{c="d"})) or e) / ' +
        '((rate(f[300s]) or (rate(f[20m]) and f)) > 0)',
    );
  });

  it('leaves everything else alone', () => {
    for (const expr of [
      'rate(a[10m])',
      'increase(a[5m])',
      'rate(a[5m] offset 1h)',
      'rate(a[5m] @ 0)',
      'rate(a[5m:1m])',
    ]) {
      expect(widened(expr)).toBe(expr);
    }
    const own = packOf('rate(a[5m])', false);
    expect(widenWindows(own, WIDE)).toBe(own);
    const pack = packOf('rate(a[5m])');
    expect(widenWindows(pack, 5 * MINUTE)).toBe(pack);
  });

  it('gives sources that are scraped every four minutes their rates', async () => {
    const counter = (labels: string) => `asserts:request:total{asserts_env="p",asserts_source="s",job="j",${labels}}`;
    const every = (minutes: number) => Array.from({ length: 41 }, (_, i) => (i % minutes === 0 ? i * 60 : undefined));
    const rates = async (widest: number) => {
      const bench = new RuleBench(planOf(['red'], widest));
      await load(bench.storage, { [counter('instance="slow"')]: every(4) }, { from: 7000 });
      await bench.evaluateTo(40 * MINUTE);
      const asked = await Promise.all(
        Array.from({ length: 10 }, (_, i) => bench.ask('asserts:request:rate5m', (30 + i) * MINUTE)),
      );
      return asked.map(([line]) => line && Number(line.split(' = ')[1]).toFixed(6));
    };
    expect(await rates(5 * MINUTE)).toContain(undefined);
    expect(await rates(WIDE)).toEqual(Array.from({ length: 10 }, () => '1.000000'));
  });

  it('changes nothing for the samples of all packs', async () => {
    const names = readdirSync(root).sort();
    const scripts = goldenTraffic().filter(({ step }) => step === 15_000);
    const raw = scripts.flatMap(({ name, series }) =>
      series.map(({ labels, samples }) => ({
        labels: labels.with({ golden: name }),
        samples: samples.map((sample) => ({ ...sample, timestamp: sample.timestamp + 7000 })),
      })),
    );
    const scope = { env: { labels: ['golden'] }, site: { labels: ['asserts_site'] }, identity: DEFAULT_IDENTITY };
    const times = { start: 0, end: 7 * MINUTE, step: MINUTE };
    const made = async (widest: number) => {
      const plan = planOf(names, widest);
      const records = new Set(
        plan.derived.flatMap(({ rules }) => rules.flatMap((rule) => ('record' in rule ? [rule.record] : []))),
      );
      const recorded = await recordedAt(await throughWorker(raw, { plan, scope, times }), records, times);
      return recorded.map(({ labels, values }) => `${labels} ${JSON.stringify([...values])}`).sort();
    };
    const [usual, wide] = [await made(5 * MINUTE), await made(WIDE)];
    expect(usual.length).toBeGreaterThan(500);
    expect(wide).toEqual(usual);
  });
});
