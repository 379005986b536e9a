import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { apiOf } from '../api/fixture.ts';
import { runDemoRiver } from '../local/demo/demo-river.ts';
import { serveApi } from './serve-api.ts';

async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const environment = { TRIBUTARY_TOKEN: 'demo-token' };
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment });
  return { code: await program(['explain', ...args]), out, err };
}

describe('tributary explain, by the plan', () => {
  it('tells rule, steps and raw series', async () => {
    const { code, out } = await run(
      'asserts:request:total{asserts_env="prod",env="prod",asserts_name="prometheus_http_requests_total",' +
        'asserts_request_type="inbound",asserts_source="prometheus",asserts_request_context="/x",handler="/x",job="p",code="200"}',
    );
    expect(code).toBe(0);
    expect(out).toMatch(
      /mapping rule asserts:request:total at rules\/packs\/prometheus\/rules\.yml:\d+ \(pack prometheus/,
    );
    expect(out).toContain('raw series  prometheus_http_requests_total{code="200", env="prod", handler="/x", job="p"}');
    expect(out).toContain('scope: asserts_env from label env');
    expect(out).toContain('came in by  source prometheus (remote_write)');
  });

  it('tells what a derived rule reads, and which rules record that', async () => {
    const { out } = await run(
      'asserts:request:rate5m{asserts_entity_type="Service",asserts_source="prometheus",asserts_request_type="inbound",job="p"}',
      '--json',
    );
    const explanation = JSON.parse(out);
    expect(explanation).toMatchObject({ kind: 'derived', rules: [{ name: 'asserts:request:rate5m' }] });
    expect(explanation.inputs[0].selector).toContain('asserts_source="prometheus"');
    expect(explanation.inputs[0].recordedBy.length).toBeGreaterThan(0);
    for (const { labels } of explanation.inputs[0].recordedBy) expect(labels.asserts_source).toBe('prometheus');
  });

  it('leads from a raw metric to what is made of it', async () => {
    const { out } = await run('node_load1{job="node"}');
    expect(out).toContain('note: a raw metric, of which rules make asserts:resource:gauge: ask for one of these');
    expect((await run('nothing_reads_this')).out).toContain('note: no rule of the plan records such a metric');
  });

  it('asks for whole series', async () => {
    const { code, err } = await run('asserts:request:total{job=~"a.*"}');
    expect([code, err]).toEqual([1, expect.stringContaining('write every label with =, or give --url')]);
    expect((await run('x', '--tenant', 'nobody')).err).toContain('there is no tenant nobody; tributary.yml has demo');
  });
});

describe('tributary explain, by a deployment', () => {
  let server: Awaited<ReturnType<typeof serveApi>>;
  let url = '';

  beforeAll(async () => {
    const { plan, storage, tenant, end } = await runDemoRiver(7, 'groups: []');
    const engine = new Engine();
    server = await serveApi(
      apiOf({ plan, storage, tenants: [tenant], anonymousTenant: tenant.name, engine, now: () => end }),
    );
    url = server.url;
  }, 60_000);
  afterAll(() => server.close());

  it('shows the tree down to raw samples', async () => {
    const { code, out } = await run('asserts:latency:average{job="cart"}', '--url', `${url}/`, '--breadth', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/^asserts:latency:average\{.*job="cart".*\}\n {2}derived\n {2}recording rule/);
    expect(out).toMatch(/evaluated by group red every 1m, at .*; evaluated again for that time it gives \d/);
    expect(out).toMatch(/reads {2}asserts:latency:total\{.*: \d+ series, 1 shown/);
    expect(out).toMatch(/raw series {2}http_server_requests_seconds_sum\{/);
  });

  it('tells what the deployment refuses, and when it is not there', async () => {
    expect((await run('a{', '--url', url)).err).toContain('400 invalid parameter "series"');
    expect((await run('a', '--url', url, '--token', 'wrong')).err).toContain('401');
    expect((await run('a', '--url', 'http://127.0.0.1:1')).err).toMatch(
      /^error: cannot ask http:\/\/127\.0\.0\.1:1\/api/,
    );
  });
});
