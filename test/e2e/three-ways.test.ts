import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Labels } from '../../lib/model/labels.ts';
import type { SourceTally } from '../../lib/storage/ledger.ts';
import { plan } from '../packs/contextualize.ts';
import { Child, freePort, isInstalled } from './child.ts';
import { playedPacks, Stage } from './played-packs.ts';
import {
  type Comparison,
  compare,
  EXTERNAL_LABELS,
  type Samples,
  type StoredSeries,
  storedSeries,
} from './stored-series.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const seconds = Number(process.env['THREE_WAYS_SECONDS'] ?? 100);

if (isInstalled('prometheus')) describe('one Prometheus, three ways in', () => threeWays());
else {
  console.warn('SKIPPED: the three integrations side by side, because prometheus cannot be run here');
  it.skip('one Prometheus, three ways in (not installed: prometheus)', () => {});
}

const TENANTS = ['pushed', 'pulled', 'asked'] as const;
type TenantName = (typeof TENANTS)[number];

/** Rules are evaluated at multiples of it. */
const EVALUATION_MS = 20_000;
/** What stands in docs/federation.md and docs/query.md. */
const TOLERANCE = 1e-9;

/** Prometheus scrapes demo data of all packs; one tenant is sent to, one reads /federate, one asks for results. */
function threeWays(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-three-ways-'));
  const children: Child[] = [];
  const series = playedPacks();
  const packs = [...new Set(series.map(({ pack }) => pack))];
  const window = { from: 0, to: 0 };
  const found = new Map<TenantName, StoredSeries>();
  const stage = new Stage(series);
  let urls = { tributary: '', prometheus: '' };

  beforeAll(
    async () => {
      const [ours, theirs] = await Promise.all([freePort(), freePort()]);
      urls = { tributary: `http://127.0.0.1:${ours}`, prometheus: `http://127.0.0.1:${theirs}` };
      writeFileSync(join(folder, 'tributary.yml'), configuration(urls.prometheus));
      const data = join(folder, 'data');
      const options = ['--port', String(ours), '--data', data, '--config', join(folder, 'tributary.yml'), '--no-demo'];
      const tributary = new Child(process.execPath, ['--import', 'tsx', 'local/main.ts', ...options], { cwd: root });
      children.push(tributary);
      await tributary.answers(`${urls.tributary}/-/ready`, 60_000);
      const token = readFileSync(join(data, 'write-token'), 'utf8').trim();
      writeFileSync(
        join(folder, 'prometheus.yml'),
        prometheusConfiguration(packs, await stage.listen(), urls.tributary, token),
      );
      const prometheus = new Child('prometheus', [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${theirs}`,
      ]);
      children.push(prometheus);
      await prometheus.answers(`${urls.prometheus}/-/ready`);
      await vi.waitFor(bothSeen, { timeout: 60_000, interval: 250 });
      const began = stage.open();
      await sleep(seconds * 1000);
      // Everybody has seen everything by the first of these times, and the last lies within what was played.
      window.from = Math.ceil((began + 22_000) / EVALUATION_MS) * EVALUATION_MS;
      window.to = Math.floor((began + seconds * 1000) / EVALUATION_MS) * EVALUATION_MS;
      for (const tenant of TENANTS) await evaluated(tenant, window.to);
      for (const tenant of TENANTS) found.set(tenant, await everythingOf(tenant));
    },
    (seconds + 420) * 1000,
  );

  afterAll(async () => {
    await Promise.all(children.map((child) => child.end('SIGKILL')));
    stage.close();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('normalises the same series by remote write and federation, of every pack', () => {
    const [pushed, pulled] = [of('pushed').normalised, of('pulled').normalised];
    // Federation also tells how its own scrapes went, which nobody else can.
    const shared = [...pulled.keys()].filter((key) => !/^tributary_scrape_.*job="fed"/.test(key));
    expect(shared.sort()).toEqual([...pushed.keys()].sort());
    expect(pulled.size - shared.length).toBe(4);
    const shown = [...pushed.keys()].join('\n');
    const unseen = packs.filter(
      (pack) =>
        !series.some(
          (one) =>
            one.pack === pack &&
            (shown.includes(`asserts_name="${one.labels.metricName}"`) || isKept(one.labels, pushed.keys())),
        ),
    );
    expect(unseen).toEqual([]);
    expect(packs.toSorted()).toEqual(plan.packs.toSorted());
  });

  it('has the same values at equal times, bit for bit', () => {
    const compared = compare(of('pushed').normalised, of('pulled').normalised, window);
    report('normalised: remote write and federation', compared);
    expect(compared.filter(({ maxDifference }) => maxDifference !== 0)).toEqual([]);
    expect(total(compared)).toBeGreaterThan(of('pushed').normalised.size * 2);
  });

  it('derives the same series all three ways', () => {
    const names = TENANTS.map((tenant) => [...of(tenant).derived].filter(hasSampleIn).map(([key]) => key));
    const [pushed, pulled, asked] = names.map((keys) => keys.sort());
    expect(pulled).toEqual(pushed);
    expect(asked).toEqual(pushed);
    expect(new Set(pushed?.map((key) => key.slice(0, key.indexOf('{')))).size).toBeGreaterThan(10);
  });

  it.each([
    ['federation', 'pulled'],
    ['query', 'asked'],
  ] as const)('derives the same values by remote write and %s', (way, tenant) => {
    const late = tenant === 'pulled' ? jobsWithMisses() : undefined;
    const isSpoilt = (key: string) => late !== undefined && late.size > 0 && isOfJobs(key, late);
    const whole = [...of('pushed').derived].filter(([key]) => !isSpoilt(key));
    expect(whole.length).toBeGreaterThan(of('pushed').derived.size * 0.8);
    const compared = compare(new Map(whole), of(tenant).derived, window);
    report(`derived: remote write and ${way}`, compared);
    expect(compared.filter(({ maxDifference }) => !(maxDifference <= TOLERANCE))).toEqual([]);
    expect(compared.filter(({ alone }) => alone > 0)).toEqual([]);
    expect(total(compared)).toBeGreaterThan(of('pushed').derived.size);
  });

  /** Where a busy machine made federation miss a sample, what is computed of it may differ. */
  function jobsWithMisses(): ReadonlySet<string> {
    const missed = [...of('pushed').normalised].filter(([key, samples]) => {
      const others = of('pulled').normalised.get(key);
      return [...samples.keys()].some((time) => time <= window.to && others?.has(time) !== true);
    });
    const jobs = new Set(missed.map(([key]) => jobOf(key)));
    if (jobs.size > 0) console.warn(`federation missed samples of ${missed.length} series of ${[...jobs].join(', ')}`);
    return jobs;
  }

  function of(tenant: TenantName): StoredSeries {
    const stored = found.get(tenant);
    if (stored === undefined) throw new Error(`nothing was read of ${tenant}`);
    return stored;
  }

  function hasSampleIn([, samples]: readonly [string, Samples]): boolean {
    return [...samples.keys()].some((time) => time >= window.from && time <= window.to);
  }

  /** What scrapes say of themselves comes in before the stage opens: nobody may miss the first samples. */
  async function bothSeen(): Promise<void> {
    for (const tenant of ['pushed', 'pulled'] as const) {
      const { sources } = (await fetchJson(tenant, '/api/v1/status/intake')) as { sources: SourceTally[] };
      expect(sources[0]?.tally.accepted).toBeGreaterThan(packs.length);
    }
  }

  /** Waits until results for a time are there, and a moment for those that are computed of them. */
  async function evaluated(tenant: TenantName, time: number): Promise<void> {
    await vi.waitFor(
      async () => {
        const ask = askAs(tenant);
        const rates = await ask(`asserts:request:rate5m[${EVALUATION_MS}ms]`, time / 1000);
        const upstream = await ask(`asserts:error:ratio[${EVALUATION_MS}ms]`, time / 1000);
        for (const vector of [rates, upstream]) {
          expect(vector.some(({ values }) => values.some(([at]) => at * 1000 === time))).toBe(true);
        }
      },
      { timeout: 120_000, interval: 1000 },
    );
    await sleep(2000);
  }

  async function everythingOf(tenant: TenantName): Promise<StoredSeries> {
    const names = (await fetchJson(tenant, '/api/v1/label/__name__/values')) as string[];
    const span = { end: window.to, length: seconds * 1000 };
    const { normalised, derived } = await storedSeries(askAs(tenant), names, plan, span);
    return { normalised: withoutOwn(normalised), derived: withoutOwn(derived) };
  }

  function askAs(tenant: TenantName): Parameters<typeof storedSeries>[0] {
    return async (query, time) => {
      const parameters = new URLSearchParams({ query, time: String(time) });
      const data = await fetchJson(tenant, `/api/v1/query?${parameters}`);
      return (data as { result: Awaited<ReturnType<Parameters<typeof storedSeries>[0]>> }).result;
    };
  }

  async function fetchJson(tenant: TenantName, path: string): Promise<unknown> {
    const authorization = `Basic ${btoa(`${tenant}:read-${tenant}`)}`;
    const response = await fetch(urls.tributary + path, { headers: { authorization } }).catch((error: unknown) => {
      throw new Error(`${path}: ${String(error)}\n${children[0]?.output}`);
    });
    const answer = (await response.json()) as { status: string; error?: string; data: unknown };
    expect(answer.status, answer.error).toBe('success');
    return answer.data;
  }

  function report(title: string, compared: readonly Comparison[]): void {
    const count = (key: 'series' | 'compared' | 'alone') => compared.reduce((sum, one) => sum + one[key], 0);
    const head = `${packs.length} packs, ${series.length} raw series; ${title}: ${count('series')} series, ${count('compared')} samples at equal times, ${count('alone')} alone`;
    const lines = compared.map(
      ({ metric, series: ofMetric, compared: samples, alone, maxDifference, worst }) =>
        `  ${metric.padEnd(34)} ${String(ofMetric).padStart(5)} series ${String(samples).padStart(8)} samples ${String(alone).padStart(6)} alone  max ${maxDifference.toExponential(1)}${maxDifference > TOLERANCE ? `  ${worst}` : ''}`,
    );
    console.info([head, ...lines].join('\n'));
  }
}

/** Whether a raw series is stored as it is: with all of its labels, and its scope. */
function isKept(raw: Labels, keys: Iterable<string>): boolean {
  const pairs = [...raw].filter(({ name }) => name !== '__name__');
  const written = pairs.map(({ name, value }) => `${name}=${JSON.stringify(value)}`);
  return [...keys].some((key) => key.startsWith(`${raw.metricName}{`) && written.every((pair) => key.includes(pair)));
}

/** Without what a tenant is told of its own source and its own bill: that is another one's each way. */
function withoutOwn(series: StoredSeries['derived']): StoredSeries['derived'] {
  return new Map([...series].filter(([key]) => !/[{,]source="(push|fed|ask)"|^tributary_cost_/.test(key)));
}

function jobOf(key: string): string {
  return /[{,]job="([^"]*)"/.exec(key)?.[1] ?? '';
}

/** What has no job of its own may be of any. */
function isOfJobs(key: string, jobs: ReadonlySet<string>): boolean {
  return jobOf(key) === '' || jobs.has(jobOf(key));
}

function total(compared: readonly Comparison[]): number {
  return compared.reduce((sum, one) => sum + one.compared, 0);
}

/** /federate is read five times as often as Prometheus scrapes, so that no sample is missed. */
function configuration(prometheus: string): string {
  const sha256 = (tenant: TenantName) => createHash('sha256').update(`read-${tenant}`).digest('hex');
  const reader = (tenant: TenantName) => `{name: reader, sha256: ${sha256(tenant)}, scopes: [read]}`;
  const scope =
    'scope: {env: {labels: [asserts_env, env], default: e2e}, site: {labels: [asserts_site, region], default: lab}}';
  return `packs: [${readdirSync(join(root, 'rules/packs')).join(', ')}]
evaluation: {interval: ${EVALUATION_MS}ms, delay: 30s, max_catch_up: 2m}
tenants:
  - name: pushed
    tokens: [${reader('pushed')}, {name: writer, sha256: ${'a'.repeat(64)}, scopes: [write]}]
    sources: [{name: push, type: remote_write, tokens: [writer], ${scope}}]
  - name: pulled
    tokens: [${reader('pulled')}]
    sources:
      - {name: fed, type: federation, servers: ['${prometheus}'], interval: 2s, timeout: 2s, allow_networks: [loopback], ${scope}}
  - name: asked
    tokens: [${reader('asked')}]
    sources:
      - {name: ask, type: query, url: '${prometheus}', interval: ${EVALUATION_MS}ms, delay: 5s, allow_networks: [loopback], ${scope}}
`;
}

function prometheusConfiguration(packs: readonly string[], stage: number, tributary: string, token: string): string {
  const jobs = packs.map(
    (pack) => `  - job_name: ${pack}
    honor_labels: true
    metrics_path: /metrics/${pack}
    static_configs: [{targets: ['127.0.0.1:${stage}']}]`,
  );
  return `global: {scrape_interval: 10s, scrape_timeout: 10s, external_labels: ${JSON.stringify(EXTERNAL_LABELS)}}
scrape_configs:
${jobs.join('\n')}
remote_write:
  - url: ${tributary}/api/v1/write
    basic_auth: {username: pushed, password: ${token}}
    queue_config: {batch_send_deadline: 1s}
`;
}
