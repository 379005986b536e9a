import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { remoteWriteBlock } from '../../local/welcome.ts';
import { Child, freePort, isInstalled } from './child.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');

if (!isInstalled('prometheus')) {
  console.warn('SKIPPED: Tributary watched by a real Prometheus, because prometheus cannot be run here');
  it.skip('Tributary watched by a real Prometheus (not installed: prometheus)', () => {});
} else {
  describe('Tributary watched by a real Prometheus', () => endToEnd());
}

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** Prometheus scrapes /metrics of `npm start`'s server and writes to the same server: it sees itself by its own rules. */
function endToEnd(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-self-'));
  const data = join(folder, 'data');
  const children: Child[] = [];
  let url = '';

  beforeAll(async () => {
    const [ours, theirs] = await Promise.all([freePort(), freePort()]);
    url = `http://127.0.0.1:${ours}`;
    // Packs are looked for beside the file.
    symlinkSync(join(root, 'rules'), join(folder, 'rules'));
    writeFileSync(join(folder, 'tributary.yml'), stringify(CONFIG));
    // No wrapper in between: what is killed is the server itself.
    const server = start(process.execPath, [
      ...[
        '--import',
        import.meta.resolve('tsx'),
        join(root, 'local/main.ts'),
        '--no-demo',
        '--port',
        String(ours),
        '--data',
        data,
      ],
      ...['--config', join(folder, 'tributary.yml')],
    ]);
    await server.answers(`${url}/-/ready`, 60_000);
    const token = readFileSync(join(data, 'write-token'), 'utf8').trim();
    const { remote_write } = parse(remoteWriteBlock(url, 'demo', token));
    Object.assign(remote_write[0].queue_config, { batch_send_deadline: '1s' });
    const scrape = { job_name: 'tributary', static_configs: [{ targets: [new URL(url).host] }] };
    const global = { scrape_interval: '1s', scrape_timeout: '1s' };
    writeFileSync(join(folder, 'prometheus.yml'), stringify({ global, scrape_configs: [scrape], remote_write }));
    const prometheus = start('prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${theirs}`,
    ]);
    await prometheus.answers(`http://127.0.0.1:${theirs}/-/ready`);
  }, 90_000);

  afterAll(async () => {
    await Promise.all(children.map((child) => child.end('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('knows its requests, their latency and its messages under the names of every service', async () => {
    await found('asserts:request:total{asserts_source="tributary", asserts_request_context="/api/v1/write"} > 5');
    await found('asserts:request:total{asserts_source="tributary", asserts_request_context="contextualize"} > 0');
    await found('asserts:request:total{asserts_source="tributary", asserts_request_context="/api/v1/query"} > 0');
    const [rate] = await found(
      'rate(asserts:request:total{asserts_request_context="/api/v1/write", status="204"}[1m]) > 0',
    );
    expect(Number(rate?.value[1])).toBeLessThan(20);
    await found('asserts:latency:bucket{asserts_source="tributary", asserts_request_context="/api/v1/write"}');
    expect(await ask('asserts:request:total{asserts_request_context=~"/-/.*|/metrics"}')).toEqual([]);
    expect(await ask('asserts:error:total{asserts_request_context="/api/v1/write", status!~"5.."}')).toEqual([]);
  }, 60_000);

  it('knows its queue, its process and its version', async () => {
    await found('asserts:resource:gauge{asserts_source="tributary", asserts_resource_type="queue:depth", queue="raw"}');
    await found('asserts:resource:gauge{asserts_source="process", asserts_resource_type="memory:resident"} > 3e7');
    await found('asserts:resource:gauge{asserts_source="nodejs", asserts_resource_type="eventloop:lag_p99"}');
    const [version] = await found('asserts:version:info{asserts_source="tributary"}');
    const { version: ours } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(version?.metric['version']).toBe(ours);
  }, 60_000);

  it('tells the tenant what came from it in each minute, and loses none of it', async () => {
    await found(
      'sum_over_time(tributary_tenant_samples{source="prometheus", outcome="contextualized"}[10m]) > 100',
      150,
    );
    const lost = 'sum_over_time(tributary_tenant_samples{outcome=~"dropped|refused"}[10m]) > 0';
    expect(await ask(lost)).toEqual([]);
    expect(await ask('ALERTS{asserts_source="tributary", alertstate="firing"}')).toEqual([]);
  }, 180_000);

  function start(program: string, args: readonly string[]): Child {
    const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' };
    const child = new Child(program, args, { cwd: folder, env });
    children.push(child);
    return child;
  }

  /** The answer, as soon as there is one. */
  function found(query: string, seconds = 30): Promise<readonly Vector[]> {
    const hasAnswer = async () => {
      const answer = await ask(query);
      expect(answer, query).not.toHaveLength(0);
      return answer;
    };
    return vi.waitFor(hasAnswer, { timeout: seconds * 1000, interval: 500 });
  }

  async function ask(query: string): Promise<readonly Vector[]> {
    const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
    const answer = (await response.json()) as { status: string; error?: string; data: { result: Vector[] } };
    expect(answer.status, answer.error).toBe('success');
    return answer.data.result;
  }
}

const CONFIG = {
  packs: ['tributary', 'process', 'nodejs', 'red'],
  evaluation: { interval: '5s', delay: '5s' },
  tenants: [
    {
      name: 'demo',
      sources: [{ name: 'prometheus', type: 'remote_write', tokens: ['write'], scope: { env: { default: 'lab' } } }],
      tokens: [{ name: 'write', sha256: 'closed', scopes: ['write'] }],
    },
  ],
};
