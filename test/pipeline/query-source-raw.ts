import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { series } from '../model/series.ts';
import { counter, type RawSeries } from './query-source-fixture.ts';

const MINUTE = 60_000;

/** A day's beginning, ms. */
const BASE = 20_000 * 24 * 60 * MINUTE;

/** Evaluation times of the series below, ms. */
export const TIMES = { start: BASE + 30 * MINUTE, end: BASE + 33 * MINUTE, step: MINUTE };
export const SAMPLED = Array.from({ length: 150 }, (_, i) => BASE + i * 15_000 + 3000);
export const PACK_SCOPE = {
  env: { labels: ['env', 'environment'], default: 'prod' },
  site: { labels: ['cluster'] },
  identity: DEFAULT_IDENTITY,
};

/** Series of the conventions that the packs know: instances to add up, ids in paths, resets, health checks to drop. */
const EXPOSED = [
  ...httpServer('spring', 'http_server_requests_seconds', [
    'uri="/cart/17",status="200"',
    'uri="/cart/18",status="200"',
  ]),
  ...httpServer('spring', 'http_server_requests_seconds', [
    'uri="/cart/17",status="503"',
    'uri="/actuator/health",status="200"',
  ]),
  ...httpServer('edge', 'http_server_request_duration_seconds', [
    'http_request_method="GET",http_route="/a/{id}",http_response_status_code="200"',
    'http_request_method="POST",http_route="/a/{id}",http_response_status_code="500"',
    'http_request_method="GET",http_route="/b",error_type="timeout"',
    'http_request_method="GET",http_route="/healthz",http_response_status_code="200"',
  ]),
  ...httpServer('old', 'http_server_duration_milliseconds', ['http_target="/x/4711",http_status_code="404"']),
  ...httpServer('go', 'http_request_duration_seconds', ['handler="/g",code="200"', 'handler="/g",code="502"']),
  ...['200', '404', '502'].map(
    (code) => `http_requests_total{job="go",instance="i1",env="dev",handler="/g",code="${code}"}`,
  ),
  ...['6c9d5f7b8c-x2v4k', '6c9d5f7b8c-zq5tx', '0'].map(
    (suffix) =>
      `http_requests_total{job="k8s",instance="${suffix}",k8s_namespace_name="shop",pod="cart-${suffix}",handler="/g",code="200"}`,
  ),
  ...httpServer('client', 'http_client_requests_seconds', [
    'client_name="cart",uri="/cart/99",status="200"',
    'client_name="cart",uri="none",status="IO_ERROR"',
  ]),
  ...['user', 'system', 'idle'].flatMap((mode) =>
    ['0', '1'].map(
      (cpu) => `node_cpu_seconds_total{job="node",instance="n1",mode="${mode}",cpu="${cpu}",cluster="eu"}`,
    ),
  ),
  ...['/', '/data'].flatMap((mountpoint) =>
    ['avail_bytes', 'size_bytes', 'files_free', 'files'].map(
      (name) =>
        `node_filesystem_${name}{job="node",instance="n1",device="sda",fstype="ext4",mountpoint="${mountpoint}"}`,
    ),
  ),
  ...['MemAvailable_bytes', 'MemTotal_bytes'].map((name) => `node_memory_${name}{job="node",instance="n1"}`),
  ...[
    'node_filefd_allocated',
    'node_filefd_maximum',
    'node_nf_conntrack_entries',
    'node_nf_conntrack_entries_limit',
  ].map((name) => `${name}{job="node",instance="n1"}`),
  'node_network_receive_bytes_total{job="node",instance="n1",device="eth0"}',
  'node_network_receive_bytes_total{job="node",instance="n1",device="lo"}',
  'prometheus_http_requests_total{job="prometheus",instance="p",handler="/api/v1/query",code="200"}',
  'prometheus_http_requests_total{job="prometheus",instance="p",handler="/api/v1/query",code="400"}',
  'prometheus_http_requests_total{job="prometheus",instance="p",handler="/-/healthy",code="200"}',
  'prometheus_rule_evaluations_total{job="prometheus",instance="p",rule_group="a.yml;g"}',
];

function httpServer(job: string, metric: string, labels: readonly string[]): string[] {
  const both = ['i1', 'i2'].flatMap((instance) =>
    labels.map((one) => `job="${job}",instance="${instance}",namespace="shop",environment="live",${one}`),
  );
  return both.flatMap((one) => [
    `${metric}_count{${one}}`,
    `${metric}_sum{${one}}`,
    ...['0.1', '1', '+Inf'].map((le) => `${metric}_bucket{${one},le="${le}"}`),
  ]);
}

export const RAW: readonly RawSeries[] = EXPOSED.map((text, i) =>
  counter(series(text), SAMPLED, ((i * 37) % 23) + (/le="(1|\+Inf)"/.test(text) ? 40 : 1), i % 5 === 0 ? 110 : -1),
);
