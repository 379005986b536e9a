import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { DEFAULT_IDENTITY } from '../../../lib/context/identity.ts';
import type { Labels } from '../../../lib/model/labels.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import { exportPlan } from '../../../lib/plan/export/export-plan.ts';
import { scrapeRelabelConfigs } from '../../../lib/plan/export/scrape-relabel-configs.ts';
import { compileRelabelConfigs } from '../../../lib/relabel/relabel.ts';
import { series } from '../../model/series.ts';
import { plan as packs } from '../../packs/contextualize.ts';
import { planOfSignals } from '../../rules/signals/expand.ts';

const SCOPE = { env: { labels: ['env'], default: 'prod' }, site: { labels: [] }, identity: DEFAULT_IDENTITY };

const SIGNALS = `
  - kind: histogram
    name: ms
    source: ms
    request_type: inbound
    metric: x_milliseconds
    unit: milliseconds
    where: 'job!~"odd|older"'
    context: ['{method} {route}', '{path}']
    errors: [{type: server_errors, when: 'code=~"5.."'}]
    client_errors: 'code=~"4.."'
  - {kind: histogram, name: ns, source: ns, request_type: outbound, metric: y_nanoseconds, unit: nanoseconds}
  - {kind: info, name: i, source: i, version_type: service, metric: z_info, version_label: z_version}
  - {kind: resource, name: r, source: r, resource_type: 'a:b', entity_type: Pod, metric: r_total, type: counter, multiply: 8}
`;

const bounds = (name: string, ...les: string[]) => les.map((le) => `${name}_bucket{job="j",le="${le}",pod="shop-0"}`);
const OF_SIGNALS = [
  ...bounds('x_milliseconds', '0.5', '5', '10.0', '2500', '1e+06', '1.0E7', '5e-05', '0', '+Inf'),
  ...bounds('y_nanoseconds', '1e+09', '250000', '100000000', '2.5e+07', '+Inf'),
  'x_milliseconds_sum{job="j",method="GET",route="/a",path="/b",code="500"}',
  'x_milliseconds_count{job="j",method="GET",path="/b",code="404"}',
  'x_milliseconds_count{job="j",route="/health",code="404"}',
  'x_milliseconds_count{job="odd",path="/b",code="404"}',
  'z_info{job="j",z_version="1.2"}',
  'r_total{job="j",device="a",env="test"}',
];

const OF_PACKS = [
  'http_server_requests_seconds_count{job="j",uri="/cart/{id}",method="GET",status="500"}',
  'http_server_requests_seconds_bucket{job="j",uri="/cart/{id}",method="GET",status="200",le="0.5"}',
  'http_requests_total{job="j",handler="/api",code="404"}',
  'http_requests_total{job="k",route="/api",status="404"}',
  'http_requests_total{job="l",handler="/metrics",code="200"}',
  'prometheus_http_requests_total{job="p",handler="/api/v1/query",code="200"}',
  'node_cpu_seconds_total{instance="n:9100",mode="user",cpu="0"}',
  'node_memory_MemTotal_bytes{instance="n:9100"}',
];

const probe = spawnSync('promtool', ['--version']);
const isMissing = probe.error !== undefined;
if (isMissing) console.warn('promtool is not installed: exported mapping rules are not compared with the worker');

describe('exported mapping rules', () => {
  it.skipIf(isMissing).each([
    ['signals', planOfSignals(SIGNALS), OF_SIGNALS],
    ['packs', packs, OF_PACKS],
  ] as const)(
    `make in Prometheus what the worker makes, of %s${isMissing ? ' (skipped: no promtool)' : ''}`,
    (_, plan, raw) => {
      const contextualizer = new Contextualizer(plan);
      const made = raw.flatMap((text) => {
        const result = contextualizer.contextualize(series(text), SCOPE);
        return result.kind === 'mapped' ? result.outputs : [];
      });
      expect(made.length).toBeGreaterThan(raw.length / 2);
      const relabel = compileRelabelConfigs(scrapeRelabelConfigs(plan, SCOPE));
      const scraped = raw.flatMap((text) => relabel(series(text)) ?? []);
      const records = [...new Set(made.map(({ labels }) => labels.metricName))];
      const tests = {
        rule_files: ['mapping.rules.yml'],
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: scraped.map((labels) => ({ series: promqlOf(labels), values: '8000x5' })),
            promql_expr_test: records.map((expr) => ({
              expr,
              eval_time: '3m',
              exp_samples: made
                .filter(({ labels }) => labels.metricName === expr)
                .map(({ labels, map }) => ({ labels: promqlOf(labels), value: map(8000) })),
            })),
          },
        ],
      };
      const folder = mkdtempSync(join(tmpdir(), 'tributary-same-'));
      try {
        for (const { name, text } of exportPlan(plan, SCOPE)) writeFileSync(join(folder, name), text);
        writeFileSync(join(folder, 'tests.yml'), stringify(tests, { lineWidth: 0 }));
        const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'tests.yml'], {
          cwd: folder,
          encoding: 'utf8',
        });
        expect(`${stdout}${stderr}`).toContain('SUCCESS');
        expect(status).toBe(0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

function promqlOf(labels: Labels): string {
  const rest = [...labels].filter(({ name }) => name !== '__name__');
  return `${labels.metricName}{${rest.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
