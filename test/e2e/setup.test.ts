import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTally, type SourceTally, type Tally } from '../../lib/storage/ledger.ts';
import { type LocalServer, startLocal } from '../../local/start.ts';
import { runCommand } from '../cli/setup-fixture.ts';
import { Child, freePort, isInstalled } from './child.ts';

const programs = ['prometheus', 'prometheus-node-exporter'];
const missing = programs.filter((program) => !isInstalled(program));

if (missing.length > 0) {
  console.warn(`SKIPPED: pasting the output of setup, because ${missing.join(' and ')} cannot be run here`);
  it.skip(`what setup prints, in a real Prometheus (not installed: ${missing.join(', ')})`, () => {});
} else {
  describe('what setup prints, in a real Prometheus', () => pasted());
}

const root = new URL('../../', import.meta.url).pathname;

/** Beside the packs: values of labels that are asked for, alone, together, and beside an exclusion. */
const OWN_RULES = `groups:
  - name: own
    rules:
      - {record: "own:collectors", expr: 'node_scrape_collector_success{collector=~"cpu|meminfo"}'}
      - {record: "own:seconds", expr: 'node_scrape_collector_duration_seconds{collector="cpu", job!="nobody"}'}
      - {record: "own:seconds", expr: 'node_scrape_collector_duration_seconds{collector="meminfo"}'}
      - {record: "own:info", expr: 'go_info'}
`;

/** A Prometheus scrapes itself and a node_exporter, hundreds of series that no rule uses among them. */
function pasted(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-setup-'));
  const config = join(folder, 'tributary.yml');
  const file = join(folder, 'prometheus.yml');
  const children: Child[] = [];
  let tributary: LocalServer;
  let [prometheus, scrapes] = ['', ''];

  beforeAll(async () => {
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own', 'rules.yml'), OWN_RULES);
    writeFileSync(config, configuration());
    tributary = await startLocal({ config, data: join(folder, 'data'), port: 0, log: () => {} });
    writeFileSync(join(folder, 'token'), `${tributary.token}\n`);
    const [port, exporterPort] = await Promise.all([freePort(), freePort()]);
    prometheus = `http://127.0.0.1:${port}`;
    scrapes = `global: {scrape_interval: 1s, external_labels: {env: e2e}}
scrape_configs:
  - {job_name: prometheus, static_configs: [{targets: ['127.0.0.1:${port}']}]}
  - {job_name: node, static_configs: [{targets: ['127.0.0.1:${exporterPort}']}]}
`;
    writeFileSync(file, scrapes + unfiltered(tributary));
    const exporter = new Child('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${exporterPort}`]);
    children.push(exporter);
    await exporter.answers(`http://127.0.0.1:${exporterPort}/metrics`);
    const server = new Child('prometheus', [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
    ]);
    children.push(server);
    await server.answers(`${prometheus}/-/ready`);
  }, 60_000);

  afterAll(async () => {
    await tributary?.stop();
    await Promise.all(children.map((child) => child.end('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('sends only selected series from then on', async () => {
    const before = await until(({ unselected, contextualized }) => unselected > 1000 && contextualized > 100);
    expect(before.refused).toEqual({});
    expect((await doctor()).out).toContain(`it writes to ${tributary.url}/api/v1/write everything it has`);

    const { code, out, err } = await runCommand([
      ...['setup', 'push', '--config', config, '--url', tributary.url],
      ...['--credentials-file', join(folder, 'token')],
    ]);
    expect([code, err]).toEqual([0, '']);
    writeFileSync(file, scrapes + out);
    const reload = await fetch(`${prometheus}/-/reload`, { method: 'POST' });
    expect(reload.status, children.at(-1)?.output).toBe(200);

    const changed = await atRest();
    const after = await until(({ selected }) => selected > changed.selected + 1000);
    expect(after.unselected - changed.unselected).toBe(0);
    expect(after.refused).toEqual({});
    // What needed a decision by values of labels is there, and not only what needed its name.
    const names = ['own:collectors', 'own:seconds', 'own:info', 'asserts:resource:total'];
    expect(await Promise.all(names.map(count))).toEqual([2, 2, 2, expect.any(Number)]);

    const { code: verdict, out: said } = await doctor();
    expect(said).toContain(`it writes to ${tributary.url}/api/v1/write, filtered by write_relabel_configs`);
    expect(said).toMatch(/ok +intake +the last message came/);
    expect([verdict, said]).toEqual([0, expect.stringContaining('Nothing is broken.')]);
  }, 150_000);

  function doctor() {
    return runCommand(['doctor', 'push', '-c', config, '--prometheus', prometheus, '--url', tributary.url]);
  }

  /** Until nothing that the old configuration had gathered is still coming in. */
  async function atRest(): Promise<Tally> {
    let last = await tally();
    for (let same = 0; same < 8; ) {
      await sleep(1000);
      const next = await tally();
      same = next.unselected === last.unselected ? same + 1 : 0;
      last = next;
    }
    return last;
  }

  async function until(isMet: (tally: Tally) => boolean): Promise<Tally> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(500)) {
      const found = await tally();
      if (isMet(found)) return found;
    }
    throw new Error(`not within a minute: ${JSON.stringify(await tally())}`);
  }

  async function tally(): Promise<Tally> {
    const { sources } = (await read('/api/v1/status/intake')) as { sources: SourceTally[] };
    return sources[0]?.tally ?? newTally();
  }

  async function count(name: string): Promise<number> {
    const query = encodeURIComponent(`count(last_over_time({__name__="${name}"}[1m]))`);
    const { result } = (await read(`/api/v1/query?query=${query}`)) as { result: { value: [number, string] }[] };
    return Number(result[0]?.value[1] ?? 0);
  }

  async function read(path: string): Promise<unknown> {
    const answer = (await (await fetch(tributary.url + path)).json()) as { data: unknown };
    return answer.data;
  }
}

function configuration(): string {
  return `packs: [${readdirSync(`${root}rules/packs`).join(', ')}]
rules: [own]
evaluation: {delay: 2s}
tenants:
  - name: shop
    tokens: [{name: writer, sha256: ${'a'.repeat(64)}, scopes: [write]}]
    sources: [{name: push, type: remote_write, tokens: [writer], scope: {env: {labels: [env]}}}]
`;
}

/** As people begin: everything is sent. */
function unfiltered({ url, tenant, token }: LocalServer): string {
  return `remote_write:
  - url: ${url}/api/v1/write
    basic_auth: {username: ${tenant}, password: ${token}}
    queue_config: {batch_send_deadline: 1s}
`;
}
