import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REQUEST_KEYS, RESOURCE_KEYS } from '../../lib/context/aggregation-keys.ts';
import { writeRuleFile } from '../../lib/plan/write-rule-file.ts';
import type { AggregateExpr } from '../../lib/promql/ast.ts';
import { parseExpr } from '../../lib/promql/parse.ts';
import { selectorsOf, walk } from '../../lib/promql/walk.ts';
import { load, RuleBench } from '../pipeline/evaluate/run-rules.ts';
import { plan } from './contextualize.ts';

const MINUTE = 60_000;
const AT = 10 * MINUTE;

/** Counters that grow by a fixed amount each minute, and gauges that stay. */
const grow = (perMinute: number, from = 1000) => Array.from({ length: 12 }, (_, i) => from + i * perMinute);
const stay = (value: number) => Array.from({ length: 12 }, () => value);

async function evaluated(samples: Record<string, readonly number[]>): Promise<RuleBench> {
  const bench = new RuleBench(plan);
  await load(bench.storage, samples);
  const outcome = await bench.evaluateTo(AT);
  expect(outcome?.failures).toEqual([]);
  return bench;
}

const request = (metric: string, labels: string) =>
  `asserts:${metric}{asserts_env="prod",asserts_source="otel",asserts_request_type="inbound",job="cart",${labels}}`;

/** Values by what tells them apart, rounded to what matters. */
async function values(bench: RuleBench, metric: string, label: string): Promise<Record<string, number>> {
  const lines = await bench.ask(`round(max by (${label}) (${metric}), 1e-6)`, AT);
  return Object.fromEntries(
    lines.map((line) => [/"(.*)"/.exec(line)?.[1] ?? '', Number(line.slice(line.lastIndexOf('=') + 1))]),
  );
}

describe('pack red', () => {
  const shop = {
    [request('request:total', 'asserts_request_context="/pay",instance="1"')]: grow(60),
    [request('request:total', 'asserts_request_context="/pay",instance="2"')]: grow(180),
    [request('request:total', 'asserts_request_context="/idle",instance="1"')]: stay(5),
    [request('request:total', 'asserts_request_context="/good",instance="1"')]: grow(30),
    [request('error:total', 'asserts_request_context="/pay",instance="1",asserts_error_type="server_errors"')]:
      grow(24),
    [request('error:total', 'asserts_request_context="/pay",instance="1",asserts_error_type="http_errors"')]: grow(12),
    [request('error:total', 'asserts_request_context="/lost",instance="1",asserts_error_type="server_errors"')]:
      grow(6),
    [request('client:error:total', 'asserts_request_context="/pay",instance="1"')]: grow(6),
    [request('latency:total', 'asserts_request_context="/pay",instance="1"')]: grow(30),
    [request('latency:count', 'asserts_request_context="/pay",instance="1"')]: grow(60),
    [request('latency:total', 'asserts_request_context="/idle",instance="1"')]: stay(3),
    [request('latency:count', 'asserts_request_context="/idle",instance="1"')]: stay(3),
    [request('request:gauge', 'asserts_request_context="/rate",instance="1"')]: stay(7),
    [request('error:gauge', 'asserts_request_context="/rate",instance="1",asserts_error_type="server_errors"')]:
      stay(0.7),
    ...Object.fromEntries(
      [
        ['0.1', 0],
        ['0.5', 90],
        ['1', 100],
        ['+Inf', 100],
      ].map(([le, perMinute]) => [
        request('latency:bucket', `asserts_request_context="/pay",instance="1",le="${le}"`),
        grow(Number(perMinute)),
      ]),
    ),
  };

  it('adds the rates of instances, and takes rates from sources that have no counters', async () => {
    const bench = await evaluated(shop);
    expect(await values(bench, 'asserts:request:rate5m', 'asserts_request_context')).toEqual({
      '/pay': 4,
      '/idle': 0,
      '/good': 0.5,
      '/rate': 7,
    });
  });

  it('divides sums: zero without errors, nothing without requests', async () => {
    const bench = await evaluated(shop);
    expect(
      await values(bench, 'asserts:error:ratio{asserts_error_type="server_errors"}', 'asserts_request_context'),
    ).toEqual({ '/pay': 0.1, '/good': 0, '/rate': 0.1 });
    expect(
      await values(bench, 'asserts:error:ratio{asserts_error_type="http_errors"}', 'asserts_request_context'),
    ).toEqual({ '/pay': 0.05 });
    expect(await values(bench, 'asserts:client:error:ratio', 'asserts_request_context')).toEqual({
      '/pay': 0.025,
      '/good': 0,
      '/rate': 0,
    });
  });

  it('knows latency where there were requests', async () => {
    const bench = await evaluated(shop);
    expect(await values(bench, 'asserts:latency:average', 'asserts_request_context')).toEqual({ '/pay': 0.5 });
    expect(await values(bench, 'asserts:latency:p99', 'asserts_request_context')).toEqual({ '/pay': 0.95 });
    expect(await values(bench, 'asserts:latency:p95', 'asserts_request_context')).toEqual({ '/pay': 0.75 });
    expect(await values(bench, 'asserts:latency:service:p99', 'job')).toEqual({ cart: 0.95 });
  });

  it('leaves no raw label, and says what the series are about', async () => {
    const bench = await evaluated(shop);
    expect(await bench.ask('asserts:request:rate5m{asserts_request_context="/good"}', AT)).toEqual([
      'asserts:request:rate5m{asserts_entity_type="Service", asserts_env="prod", asserts_request_context="/good", asserts_request_type="inbound", asserts_source="otel", job="cart"} = 0.5',
    ]);
  });

  it('goes on without a hole when an instance restarts', async () => {
    const restarted = [...grow(60).slice(0, 8), 30, 90, 150, 210];
    const bench = await evaluated({
      [request('request:total', 'asserts_request_context="/pay",instance="1"')]: restarted,
      [request('request:total', 'asserts_request_context="/pay",instance="2"')]: grow(60),
    });
    const [rate] = Object.values(await values(bench, 'asserts:request:rate5m', 'job'));
    expect(rate).toBeGreaterThan(1.7);
    expect(rate).toBeLessThanOrEqual(2);
  });
});

describe('derived rules of pack node', () => {
  const node = (metric: string, type: string, labels = '') =>
    `asserts:resource:${metric}{asserts_env="prod",asserts_source="node_exporter",asserts_entity_type="Node",instance="n1",job="node",asserts_resource_type="${type}"${labels}}`;
  const samples = {
    [node('total', 'cpu:usage', ',cpu="0",mode="user"')]: grow(30),
    [node('total', 'cpu:idle', ',cpu="0",mode="idle"')]: grow(30),
    [node('total', 'cpu:usage', ',cpu="1",mode="user"')]: grow(0),
    [node('total', 'cpu:idle', ',cpu="1",mode="idle"')]: grow(60),
    [node('gauge', 'memory:available')]: stay(3e9),
    [node('gauge', 'memory:total')]: stay(12e9),
    [node('gauge', 'disk:available', ',device="a",mountpoint="/"')]: stay(60),
    [node('gauge', 'disk:total', ',device="a",mountpoint="/"')]: stay(100),
    [node('gauge', 'disk:available', ',device="b",mountpoint="/data"')]: stay(10),
    [node('gauge', 'disk:total', ',device="b",mountpoint="/data"')]: stay(100),
    [node('gauge', 'disk:inodes_available', ',device="b",mountpoint="/data"')]: stay(0),
    [node('gauge', 'disk:inodes_total', ',device="b",mountpoint="/data"')]: stay(0),
    [node('usage', 'fd:usage')]: stay(50),
    [node('gauge', 'fd:total')]: stay(Number.POSITIVE_INFINITY),
    [node('usage', 'conntrack:usage')]: stay(5),
    [node('gauge', 'conntrack:total')]: stay(-1),
    [node('total', 'network:rx_bytes', ',device="eth0"')]: grow(6000),
    [node('total', 'network:rx_bytes', ',device="eth1"')]: grow(600),
  };

  it('show use against limits, and nothing where there is no limit', async () => {
    const bench = await evaluated(samples);
    expect(await values(bench, 'asserts:resource', 'asserts_resource_type')).toEqual({
      'cpu:usage': 0.25,
      'disk:usage': 0.9,
      'memory:usage': 0.75,
    });
    expect(await values(bench, 'asserts:resource:usage', 'asserts_resource_type')).toMatchObject({
      'cpu:usage': 0.5,
      'memory:usage': 9e9,
    });
  });

  it('show rates over all devices', async () => {
    const bench = await evaluated(samples);
    expect(await values(bench, 'asserts:resource:rate', 'asserts_resource_type')).toEqual({ 'network:rx_bytes': 110 });
  });
});

describe('derived rules of all packs', () => {
  const derived = plan.derived.flatMap(({ rules }) => rules);
  const keyed = derived.flatMap((rule) => {
    const keys = rule.kind === 'recording' ? keysOf(rule.record) : undefined;
    return keys === undefined ? [] : [{ ...rule, keys }];
  });

  it('aggregate by the same keys', () => {
    const strays = keyed.flatMap(({ expr, keys, origin }) => {
      // The quantile of a service is over all of its operations; what a pod or a node has is told by the pod or the node.
      const optional = optionalKeys(expr, keys);
      return [...walk(parseExpr(expr))]
        .filter((node): node is AggregateExpr => node.kind === 'aggregation')
        .map(({ grouping }) => grouping.filter((name) => keys.includes(name)))
        .filter((grouping) => {
          const wanted = keys.filter((key) => grouping.includes(key) || !optional.includes(key));
          return grouping.join() !== wanted.join();
        })
        .map((grouping) => `${origin.file}:${origin.line}: ${grouping}`);
    });
    expect(keyed.length).toBeGreaterThan(15);
    expect(strays).toEqual([]);
  });

  it('need no raw series for rates, ratios, latency and resources', () => {
    const raw = keyed.flatMap(({ expr, origin }) =>
      selectorsOf(parseExpr(expr))
        .flatMap(({ matchers }) => matchers.filter(({ name }) => name === '__name__'))
        .filter(({ value }) => !value.startsWith('asserts:'))
        .map(({ value }) => `${origin.file}:${origin.line}: ${value}`),
    );
    expect(raw).toEqual([]);
  });

  const probe = spawnSync('promtool', ['--version']);
  const title = 'are a rule file that promtool accepts';
  if (probe.error !== undefined) console.warn('promtool is not installed: exported rules are not checked');
  it.skipIf(probe.error !== undefined)(probe.error === undefined ? title : `${title} (skipped: no promtool)`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-rules-'));
    try {
      writeFileSync(join(folder, 'rules.yml'), writeRuleFile(plan));
      const { stdout, stderr, status } = spawnSync('promtool', ['check', 'rules', join(folder, 'rules.yml')], {
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`${derived.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Relations, owners and alerts have keys of their own. */
function keysOf(record: string): readonly string[] | undefined {
  if (/^asserts:(request|error|client|latency):/.test(record)) return REQUEST_KEYS;
  return /^asserts:resource(:|$)/.test(record) ? RESOURCE_KEYS : undefined;
}

function optionalKeys(expr: string, keys: readonly string[]): readonly string[] {
  if (keys === RESOURCE_KEYS) return RESOURCE_KEYS.filter((key) => !['asserts_env', 'asserts_site'].includes(key));
  return /asserts:latency:(bucket|histogram)/.test(expr) ? ['asserts_request_context'] : [];
}
