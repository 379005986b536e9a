import { beforeAll, describe, expect, it } from 'vitest';
import { formatFloat } from '../../../lib/model/format-float.ts';
import { type Labels, METRIC_NAME } from '../../../lib/model/labels.ts';
import { Matcher } from '../../../lib/model/matcher.ts';
import { isStaleNaN } from '../../../lib/model/stale-marker.ts';
import { explainSeries } from '../../../lib/pipeline/explain/explain-series.ts';
import type { Explanation } from '../../../lib/pipeline/explain/explanation.ts';
import { PlanReader } from '../../../lib/pipeline/explain/plan-reader.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import type { RuleOrigin } from '../../../lib/plan/plan.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { type DemoRiver, runDemoRiver } from '../../local/demo/demo-river.ts';

/** An alert, and a rule that reads a raw metric as it is: the packs of the demo have neither. */
const OWN_RULES = `
groups:
  - name: own
    rules:
      - record: own:up:count
        expr: sum by (job) (up)
      - alert: Busy
        expr: sum by (job) (asserts:request:rate5m) > 0
        for: 1m
        labels: {asserts_severity: info}
        annotations: {summary: '{{ $labels.job }}'}
`;

let river: DemoRiver;
let stored: readonly { readonly labels: Labels; readonly last: number }[];

beforeAll(async () => {
  river = await runDemoRiver(8, OWN_RULES);
  const hints = { mint: river.end - 3600_000, maxt: river.end };
  const all = await river.storage.querier(river.tenant.name).select(hints, new Matcher('!=', METRIC_NAME, ''));
  stored = all.map(({ labels, floats }) => ({ labels, last: floats.values.at(-1) as number }));
}, 60_000);

describe('explain over everything that the demo produces', () => {
  it('answers for every series, with the rule that really makes it', async () => {
    const reader = new PlanReader(river.plan);
    const store = { querier: river.storage.querier(river.tenant.name), engine: new Engine() };
    const world = { reader, tenant: river.tenant, evaluationInterval: 60_000, store };
    const forward = runForward(river);
    const kinds: Record<string, number> = {};
    const wrong: string[] = [];
    for (const { labels, last } of stored) {
      const explained = await explainSeries(labels, world, { time: river.end, breadth: 0 });
      kinds[explained.kind] = (kinds[explained.kind] ?? 0) + 1;
      const problem = forward.has(labels.key)
        ? wrongRaw(explained, forward.get(labels.key) as Forward, last)
        : wrongDerived(explained, labels, last);
      if (problem !== undefined) wrong.push(`${labels}: ${problem}`);
    }
    expect(wrong).toEqual([]);
    expect(kinds['normalised']).toBeGreaterThan(700);
    expect(kinds['derived']).toBeGreaterThan(80);
    expect(kinds['kept raw']).toBe(new Set([...river.sent.values()].filter((raw) => raw.metricName === 'up')).size);
    expect(kinds['alert']).toBeGreaterThan(2);
    expect(kinds['unknown']).toBeUndefined();
  }, 120_000);

  it('goes down to the raw series, each of which was sent', async () => {
    const store = { querier: river.storage.querier(river.tenant.name), engine: new Engine() };
    const world = { reader: new PlanReader(river.plan), tenant: river.tenant, evaluationInterval: 60_000, store };
    const sent = new Set([...river.sent.values()].map(String));
    for (const name of ['asserts:error:ratio', 'asserts:latency:average', 'asserts:resource', 'ALERTS']) {
      const series = stored.find(({ labels }) => labels.metricName === name)?.labels;
      if (series === undefined) throw new Error(`the demo has no ${name}`);
      const leaves = rawSeries(await explainSeries(series, world, { time: river.end, breadth: 2 }));
      expect(leaves.length, name).toBeGreaterThan(0);
      expect(
        leaves.filter((raw) => !sent.has(raw)),
        name,
      ).toEqual([]);
    }
  }, 30_000);
});

interface Forward {
  readonly raw: Labels;
  readonly origin: RuleOrigin;
}

/** What the worker makes of every raw series, by output. */
function runForward({ plan, sent, tenant }: DemoRiver): ReadonlyMap<string, Forward> {
  const contextualizer = new Contextualizer(plan);
  const [source] = tenant.sources;
  if (source === undefined) throw new Error('BUG: the demo has no source');
  const outputs = new Map<string, Forward>();
  for (const raw of sent.values()) {
    const result = contextualizer.contextualize(raw, source.scope);
    if (result.kind === 'dropped') continue;
    for (const { labels, rule } of result.outputs) outputs.set(labels.key, { raw, origin: rule.origin });
  }
  return outputs;
}

function wrongRaw(explained: Explanation, { raw, origin }: Forward, last: number): string | undefined {
  const [rule, ...others] = explained.rules;
  if (rule === undefined || others.length > 0) return `${explained.rules.length} rules`;
  if (JSON.stringify(rule.origin) !== JSON.stringify(origin)) return `${rule.origin.file}:${rule.origin.line}`;
  if (explained.raw?.series !== raw.toString()) return `raw series ${explained.raw?.series}, not ${raw}`;
  if (explained.samples.at(-1)?.value !== formatFloat(last)) return `last sample ${explained.samples.at(-1)?.value}`;
  if (!explained.raw.samples.every(({ exact }) => exact)) return 'a raw value that does not map to the stored one';
  return explained.sources?.[0]?.name === 'prometheus' ? undefined : 'another source';
}

/** Evaluated again, the rule gives the very value that is stored. */
function wrongDerived(explained: Explanation, labels: Labels, last: number): string | undefined {
  const [rule, ...others] = explained.rules;
  if (rule === undefined || others.length > 0) return `${explained.rules.length} rules`;
  if (!(rule.origin.line > 0) || rule.origin.file === '') return 'no origin';
  if (labels.metricName.startsWith('ALERTS')) return rule.name === 'Busy' ? undefined : rule.name;
  if (isStaleNaN(last)) return undefined;
  if (explained.evaluation?.value !== formatFloat(last)) return `${explained.evaluation?.value}, stored ${last}`;
  return undefined;
}

function rawSeries({ raw, inputs = [] }: Explanation): string[] {
  const own = raw === undefined ? [] : [raw.series];
  return [...own, ...inputs.flatMap(({ series }) => series.flatMap(rawSeries))];
}
