import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../lib/cli/program.ts';
import { parseSignalsFile } from '../../lib/rules/signals/parse-signals-file.ts';

const PAGE = `# HELP shop_orders_total Orders
# TYPE shop_orders_total counter
shop_orders_total{path="/buy",status="200"} 1
# TYPE node_load1 gauge
node_load1 1
# TYPE prometheus_http_requests_total counter
prometheus_http_requests_total{handler="/api",code="200"} 1
up 1
`;

const folder = mkdtempSync(join(tmpdir(), 'tributary-unmapped-'));
const server = createServer((request, response) => {
  const answer = answerOf(request.url ?? '');
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': answer?.type ?? 'text/plain' });
  response.end(answer?.body ?? 'no');
});
let base = '';

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page at /metrics, and as much of a Prometheus as is asked. */
function answerOf(url: string): { type: string; body: string } | undefined {
  const { pathname } = new URL(url, 'http://x');
  const json = (data: unknown) => ({ type: 'application/json', body: JSON.stringify({ status: 'success', data }) });
  if (pathname === '/metrics') return { type: 'text/plain; version=0.0.4', body: PAGE };
  if (pathname === '/api/v1/metadata') return json({ shop_orders: [{ type: 'counter', help: 'Orders', unit: '' }] });
  if (pathname === '/api/v1/label/__name__/values') return json(['shop_orders_total', 'node_load1']);
  if (pathname !== '/api/v1/query') return undefined;
  const metric = { __name__: 'shop_orders_total', path: '/buy', status: '200' };
  return json({ resultType: 'vector', result: [{ metric, value: [Date.now() / 1000, '1'] }] });
}

function config(sources: string, tokens = ''): string {
  const file = join(folder, 'tributary.yml');
  writeFileSync(
    file,
    `packs: [prometheus]\ntenants:\n  - name: t\n    tokens: [${tokens}]\n    sources:\n      - ${sources}\n`,
  );
  return file;
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  const source = `{name: q, type: query, url: '${base}', allow_networks: [loopback], scope: {env: {default: prod}}}`;
  return { code: await program(['unmapped', '--config', config(source), ...args]), out, err };
}

describe('tributary unmapped', () => {
  it('tells who reads what of a file, and what nobody reads', async () => {
    const file = join(folder, 'page');
    writeFileSync(file, PAGE);
    const { code, out } = await run('--metrics', file);
    expect(code).toBe(0);
    expect(out).toMatch(/^READ BY PACKS IN USE\n {2}prometheus {2}prometheus_http_requests_total\n/);
    expect(out).toMatch(/WOULD BE READ BY OTHER PACKS .*\n(?: .*\n)* {2}node +node_load1\n/);
    expect(out).toMatch(
      /READ BY NO PACK: request counters\n {2}shop_orders_total \(counter by path, status\): Orders\n/,
    );
    expect(out).not.toMatch(/\bup\b/);
  });

  it('writes a signals file that can be used', async () => {
    const { out } = await run('--metrics', `${base}/metrics`, '--signals');
    const { ruleFile } = parseSignalsFile('signals.yml', out);
    expect(ruleFile.groups.map(({ name }) => name)).toEqual(['shop-orders-total']);
    expect(parse(out).signals).toMatchObject([{ kind: 'requestRate', client_errors: 'status=~"4.."' }]);
  });

  it('asks the servers of a source', async () => {
    const { code, out } = await run('--source', 'q', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      read: [],
      unread: [{ group: 'request counters', metrics: ['shop_orders_total'] }],
    });
  });

  it('tells what it cannot do', async () => {
    expect((await run()).err).toBe(
      'error: say whose metrics: either --metrics with a file or URL, or --source with a name\n',
    );
    expect((await run('--metrics', join(folder, 'none'))).err).toMatch(
      /^error: cannot read .*: ENOENT.*give a file or URL/,
    );
    expect((await run('--metrics', `${base}/nothing`)).err).toMatch(/^error: cannot read .*404/);
    expect((await run('--source', 'x')).err).toMatch(/^error: there is no source "x"/);
    const bad = join(folder, 'bad');
    writeFileSync(bad, 'no metrics {{\n');
    expect((await run('--metrics', bad)).err).toMatch(/^error: cannot read .*bad/);
  });

  it('cannot ask a source that is written to', async () => {
    let err = '';
    const program = createProgram({ write: () => {}, complain: (text) => (err += text), environment: {} });
    const token = `{name: p, sha256: ${'a1'.repeat(32)}, scopes: [write]}`;
    const file = config('{name: w, type: remote_write, tokens: [p], scope: {env: {default: prod}}}', token);
    expect(await program(['unmapped', '--config', file, '--source', 'w'])).toBe(1);
    expect(err).toMatch(/^error: source w is written to and cannot be asked; give --metrics with a URL/);
  });
});
