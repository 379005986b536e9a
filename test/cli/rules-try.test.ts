import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { Labels } from '../../lib/model/labels.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { scrape, scrapeTimes } from '../../local/demo/scrape.ts';
import { EXTERNAL_LABELS, SHOP } from '../../local/demo/shop.ts';
import { apiOf } from '../api/fixture.ts';
import { type DemoRiver, runDemoRiver } from '../local/demo/demo-river.ts';
import { serveApi } from './serve-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-try-'));
const RED = 'rules/packs/red/rules.yml';

let river: DemoRiver;
let deployment: Awaited<ReturnType<typeof serveApi>>;
/** What the demo's Prometheus would answer with. */
let prometheus: Awaited<ReturnType<typeof serveApi>>;

beforeAll(async () => {
  river = await runDemoRiver(12, 'groups: []');
  const { plan, tenant, storage, end } = river;
  const served = { tenants: [tenant], anonymousTenant: tenant.name, engine: new Engine(), now: () => end };
  deployment = await serveApi(apiOf({ ...served, plan, storage }));
  prometheus = await serveApi(apiOf({ ...served, storage: await rawStorage(river) }));
}, 60_000);
afterAll(() => {
  deployment.close();
  prometheus.close();
  rmSync(folder, { recursive: true, force: true });
});

async function rawStorage({ end, tenant }: DemoRiver): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const appender = storage.appender(tenant.name, 'normalised');
  for (const target of SHOP) {
    for (const at of scrapeTimes(target, end - 13 * 60_000, end)) {
      for (const { labels, samples } of scrape(target, EXTERNAL_LABELS, at)) {
        for (const sample of samples) appender.append(Labels.from(labels), sample);
      }
    }
  }
  await appender.commit();
  return storage;
}

async function attempt(file: string, ...args: string[]) {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  const time = String((river?.end ?? 0) / 1000);
  return { code: await program(['rules', 'try', file, '--last', '5m', '--time', time, ...args]), out, err };
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('tributary rules try, over a deployment', () => {
  it('finds no difference in rules that are the same', async () => {
    const file = write('same.yml', readFileSync(RED, 'utf8'));
    const { code, out } = await attempt(file, '--instead-of', RED, '--url', deployment.url);
    expect(code).toBe(0);
    const changes = [...out.matchAll(/series {2}(\d+) -> (\d+)/g)].map(([, before, after]) => [
      Number(before),
      Number(after),
    ]);
    expect(changes.length).toBeGreaterThan(5);
    for (const [before, after] of changes) expect(after).toBe(before);
    expect(changes.some(([before = 0]) => before > 10)).toBe(true);
    expect(out).toContain('monthly cost  +$0.00');
    expect([...out.matchAll(/values {2}(\d+) of (\d+) differ/g)].every(([, different]) => different === '0')).toBe(
      true,
    );
  });

  it('shows what a changed rule changes, in series, values and cost', async () => {
    const doubled = write(
      'doubled.yml',
      `groups:
  - name: red
    labels: {asserts_entity_type: Service}
    rules:
      - record: asserts:request:rate5m
        expr: sum by (asserts_env, asserts_site, namespace, workload, service, job, container, asserts_source, asserts_request_type, asserts_request_context, instance) (rate(asserts:request:total[5m])) * 2
      - {record: shop:twice, expr: 'sum by (asserts_env) (asserts:request:rate5m) * 2'}
      - {alert: Busy, expr: 'shop:twice > 1', for: 1m}
`,
    );
    const { out, err } = await attempt(doubled, '--instead-of', RED, '--url', deployment.url);
    expect(err).toBe('');
    expect(out).toMatch(
      /asserts:request:rate5m \(.*doubled\.yml:5\)\n {2}series {2}\d+ -> \d+\n( {4}[+] .*\n)+( {4}- .*\n)+ {2}values {2}none to compare/,
    );
    expect(out).toMatch(/shop:twice .*\n {2}series {2}0 -> 1\n {4}\+ shop:twice\{/);
    expect(out).toMatch(/alert Busy .*\n {2}series {2}0 -> [12]\n {4}\+ ALERTS\{/);
    expect(out).toMatch(/monthly cost {2}\+\$0\.\d\d/);
  });

  it('shows values that differ', async () => {
    const text = readFileSync(RED, 'utf8').replace(
      '(rate(asserts:request:total[5m]) or asserts:request:gauge)',
      '(rate(asserts:request:total[5m]) * 2)',
    );
    const { out } = await attempt(write('twice.yml', text), '--instead-of', RED, '--url', deployment.url);
    expect(out).toMatch(
      /asserts:request:rate5m .*\n {2}series {2}(\d+) -> \1\n {2}values {2}(\d+) of \2 differ; relative difference at most 50 %, 50 % on average\n {4}[\d.]+ -> [\d.]+ \(50 %\) at /,
    );
  });

  it('does not pretend to try what needs raw data', async () => {
    const file = write(
      'mapping.yml',
      `groups: [{name: g, rules: [{record: 'shop:scrapes', expr: scrape_samples_scraped}, {record: 'shop:up', expr: 'sum by (job) (asserts:request:rate5m)'}]}]\n`,
    );
    const { out } = await attempt(file, '--url', deployment.url);
    expect(out).toMatch(/shop:scrapes \(.*\)\n {2}not tried: it reads raw series/);
    expect(out).toMatch(/shop:up .*\n {2}series {2}0 -> [1-9]/);
  });
});

describe('tributary rules try, over raw data', () => {
  it('tries mapping rules and what is derived from them', async () => {
    const file = write(
      'raw.yml',
      `groups:
  - name: g
    rules:
      - record: asserts:resource:gauge
        expr: scrape_duration_seconds * 2
        labels: {asserts_source: scrape, asserts_resource_type: scrape, asserts_entity_type: Service}
      - {record: 'shop:scrape:max', expr: 'max by (asserts_env, job) (asserts:resource:gauge{asserts_source="scrape"})'}
      - {record: 'shop:up:count', expr: 'count by (asserts_env) (up)'}
`,
    );
    const { code, out, err } = await attempt(file, '--prometheus', prometheus.url);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/asserts:resource:gauge .*\n {2}series {2}0 -> 12\n/);
    expect(out).toMatch(/shop:scrape:max .*\n {2}series {2}0 -> 6\n/);
    expect(out).toMatch(/shop:up:count .*\n {2}series {2}0 -> 1\n/);
  });

  it('compares with the rules in use', async () => {
    const text = readFileSync(RED, 'utf8').replace(
      '(rate(asserts:latency:count[5m])) > 0)',
      '(rate(asserts:latency:count[5m])) > 0) / 2',
    );
    const { out } = await attempt(write('half.yml', text), '--instead-of', RED, '--prometheus', prometheus.url);
    expect(out).toMatch(
      /asserts:latency:average .*\n {2}series {2}(\d+) -> \1\n {2}values {2}(\d+) of \2 differ; .* 50 % on average/,
    );
    expect(out).toMatch(/asserts:request:rate5m .*\n {2}series {2}(\d+) -> \1\n {2}values {2}0 of [1-9]\d+ differ/);
  });
});

it('reads the server of a source, with the scope of the source', async () => {
  const config = write(
    'tributary.yml',
    `packs: [prometheus, http, node, red]
tenants:
  - name: t
    tokens: []
    sources:
      - name: far
        type: query
        url: ${prometheus.url}
        allow_networks: [loopback]
        scope: {env: {labels: [], default: far}}
`,
  );
  const file = write(
    'far.yml',
    "groups: [{name: g, rules: [{record: 'shop:up:count', expr: 'count by (asserts_env) (up)'}]}]\n",
  );
  const { out, err } = await attempt(file, '--config', config, '--source', 'far');
  expect(err).toBe('');
  expect(out).toMatch(/shop:up:count .*\n {2}series {2}0 -> 1\n {4}\+ shop:up:count\{asserts_env="far"\}/);
});

it('says what is missing', async () => {
  const file = write('one.yml', 'groups: [{name: g, rules: [{record: a:b, expr: up}]}]\n');
  expect((await attempt(file)).err).toContain('give --url, --source or --prometheus');
  expect((await attempt(file, '--source', 'prometheus')).err).toContain(
    'has no URL: name its server with --prometheus',
  );
  expect((await attempt(file, '--url', deployment.url, '--last', 'soon')).err).toContain('--last must be a duration');
  const relabel = write('relabel.yml', 'relabel_configs:\n  - {source_labels: [a], target_label: b}\n');
  expect((await attempt(relabel, '--url', deployment.url)).err).toContain('it has no rules');
});
