import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two routes of a service: two counters, six buckets, sums and counts; and what no rule reads. */
const PAGE = `# TYPE http_requests_total counter
http_requests_total{code="200",handler="/buy",method="get"} 10
http_requests_total{code="500",handler="/buy",method="get"} 2
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{handler="/buy",le="0.1"} 3
http_request_duration_seconds_bucket{handler="/buy",le="+Inf"} 12
http_request_duration_seconds_sum{handler="/buy"} 4.5
http_request_duration_seconds_count{handler="/buy"} 12
# TYPE shop_baskets gauge
shop_baskets 7
`;

/** As `/federate` has them: with job and instance. */
const FEDERATED = `http_requests_total{code="200",handler="/pay",job="shop",instance="a:80"} 10 1700000000000
http_requests_total{code="200",handler="/pay",job="shop",instance="b:80"} 10 1700000000000
`;

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const config = (name: string, ...scopes: string[]) =>
  file(
    `${name}.yml`,
    `packs: [http, red]\ntenants:\n  - name: t\n    tokens: []\n    sources:\n${scopes
      .map(
        (scope, i) =>
          `      - {name: s${i}, type: federation, servers: ['http://prometheus.example:9090'], scope: {env: ${scope}}}\n`,
      )
      .join('')}`,
  );

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await program(['plan', ...args]), out, err };
}

describe('tributary plan --inventory', () => {
  it('counts the series of each metric and what they cost', async () => {
    const page = file('page.txt', PAGE);
    const { code, out, err } = await run('-c', config('one', '{default: prod}'), '--inventory', page);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\nCOST\n')[0]).toBe(`EXPECTED OF 7 RAW SERIES (${page})
  selected        6
  contextualized  7
  derived         7

SERIES OF EACH METRIC
  asserts:client:error:ratio   1
  asserts:error:ratio          1
  asserts:error:total          1
  asserts:latency:average      1
  asserts:latency:bucket       2
  asserts:latency:count        1
  asserts:latency:p95          1
  asserts:latency:p99          1
  asserts:latency:service:p99  1
  asserts:latency:total        1
  asserts:request:rate5m       1
  asserts:request:total        2
`);
    expect(out).toMatch(
      /about \$ \d+\.\d\d a month at list prices, scraped every 15 s, if only what is selected is sent/,
    );
    expect(out).toMatch(/about \$ \d+\.\d\d if everything is sent/);
  });

  it('takes the page of a target as that of many, and series of a Prometheus as they are', async () => {
    const pages = [file('page.txt', PAGE), file('federated.txt', FEDERATED)];
    const json = async (...args: string[]) =>
      JSON.parse((await run('-c', config('one', '{default: prod}'), '--json', '--inventory', ...pages, ...args)).out);
    const [one, many] = [await json(), await json('--instances', '50')];
    expect(one.expected).toMatchObject({ raw: 9, selected: 8, contextualized: 9 });
    expect(many.expected).toMatchObject({ raw: 352, selected: 302, contextualized: 352 });
    // Derived series are about services: instances do not multiply them.
    expect(many.expected.derived).toBe(one.expected.derived);
    expect(many.expected.dollarsPerMonth.selectedOnly).toBeGreaterThan(one.expected.dollarsPerMonth.selectedOnly);
    expect(many.version).toBe(one.version);
  });

  it('tells what is selected and then dropped, and why', async () => {
    const { out } = await run('-c', config('none', '{labels: [stage]}'), '--inventory', file('page.txt', PAGE));
    expect(out).toContain('SELECTED AND THEN DROPPED\n  no_asserts_env  6, such as http_requests_total{');
    expect(out).toMatch(/\n {4}.*stage/);
  });

  it('names the remedy where nothing is selected', async () => {
    const page = file('other.txt', 'shop_baskets 7\n');
    const { out } = await run('-c', config('one', '{default: prod}'), '--inventory', page);
    expect(out).toContain('nothing of it is selected: `tributary unmapped` tells');
  });

  it('says what is wrong with what it was given', async () => {
    const ok = config('one', '{default: prod}');
    const missing = await run('-c', ok, '--inventory', join(folder, 'missing.txt'));
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringMatching(/cannot read .*missing\.txt: .*; give a file or URL/),
    ]);
    const both = await run('-c', config('two', '{default: a}', '{default: b}'), '--inventory', file('page.txt', PAGE));
    expect([both.code, both.err]).toEqual([1, expect.stringContaining('--source with one of s0, s1')]);
    const zero = await run('-c', ok, '--inventory', file('page.txt', PAGE), '--instances', '0');
    expect([zero.code, zero.err]).toEqual([1, expect.stringContaining('whole number from 1')]);
  });
});
