import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Labels } from '../../lib/model/labels.ts';
import { contextualizer, plan, SCOPE, selects } from './contextualize.ts';
import { ExporterBench, find, scrape } from './exporter-bench.ts';
import { EXPORTER_STACKS, type ExporterStack } from './exporter-stacks.ts';

describe.each(EXPORTER_STACKS)('the pack $pack and a real exporter', (stack) => {
  const missing = stack.programs.filter((program) => find(program) === undefined);
  if (missing.length === 0) checks(stack);
  else {
    console.warn(`SKIPPED: the pack ${stack.pack} is not held to a real exporter: no ${missing.join(' and no ')} here`);
    it.skip(`understand each other (not installed: ${missing.join(', ')})`, () => {});
  }
});

function checks({ pack, start, ready, expected, absent }: ExporterStack): void {
  let bench: ExporterBench;
  let exposed: Labels[];

  beforeAll(async () => {
    bench = new ExporterBench();
    exposed = await exposedBy(await start(bench), ready);
  }, 60_000);

  afterAll(() => bench.end(), 30_000);

  it('names every metric that the pack reads', () => {
    const names = new Set(exposed.map(({ metricName }) => metricName));
    const unknown = readBy(pack).filter((name) => !names.has(name) && !absent.includes(name));
    expect(unknown).toEqual([]);
  });

  it('becomes the series that dashboards and alerts ask for', () => {
    const results = exposed.flatMap((raw) => normalised(raw));
    expect(results).toEqual(expect.arrayContaining([...expected]));
  });

  it('becomes one series each, of this pack alone', () => {
    const wanted = new Set(readBy(pack));
    const outputs = exposed.flatMap((raw) => {
      const result = contextualizer.contextualize(raw, SCOPE, `${raw}`);
      if (result.kind === 'dropped') {
        expect([`${raw}`, result.reason]).toEqual([`${raw}`, 'no_rule_matched']);
        return [];
      }
      expect([`${raw}`, selects(raw)]).toEqual([`${raw}`, true]);
      return wanted.has(raw.metricName) ? result.outputs.map(({ labels }) => `${labels}`) : [];
    });
    expect(outputs.length).toBeGreaterThan(10);
    expect(outputs.filter((labels, i) => outputs.indexOf(labels) !== i)).toEqual([]);
  });
}

/** The samples of all pages, as soon as the exporter has come to know its server. */
async function exposedBy(urls: readonly string[], ready: string): Promise<Labels[]> {
  let last: unknown;
  for (const deadline = Date.now() + 50_000; Date.now() < deadline; await sleep(200)) {
    const samples = await scrape(urls).catch((error: unknown) => {
      last = error;
      return [];
    });
    if (samples.some(({ metricName }) => metricName === ready)) return samples;
  }
  throw new Error(`${urls.join(' and ')} never show ${ready}`, { cause: last });
}

/** Names of the raw metrics that rules of the pack select. */
function readBy(pack: string): string[] {
  const names = plan.mappings
    .filter(({ origin }) => origin.pack === pack)
    .map(({ matchers }) => matchers.find(({ name }) => name === '__name__')?.value ?? '');
  return [...new Set(names)].sort();
}

function normalised(raw: Labels): string[] {
  const result = contextualizer.contextualize(raw, SCOPE, `${raw}`);
  if (result.kind === 'dropped') return [];
  return result.outputs.map(({ labels }) =>
    [
      labels.metricName,
      labels.get('asserts_name'),
      labels.get('asserts_request_type') || labels.get('asserts_resource_type') || labels.get('asserts_version_type'),
      labels.get('asserts_request_context'),
    ]
      .filter(Boolean)
      .join(' '),
  );
}
