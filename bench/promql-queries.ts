import { END } from './promql-data.ts';

export interface BenchQuery {
  readonly name: string;
  readonly expression: string;
  /** Range of the query, ms; 0 for an instant query at the end of the data. */
  readonly range: number;
  /** ms. */
  readonly step: number;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** What dashboards, rules and people ask. */
export const BENCH_QUERIES: readonly BenchQuery[] = [
  instant('a selector', 'http_requests_total{service="service-7"}'),
  instant('sum over 10,000 series', 'sum by (service) (http_requests_total)'),
  instant('rate over 10,000 series', 'sum by (service, status) (rate(http_requests_total[5m]))'),
  instant(
    'regexes',
    'sum(http_requests_total{pod=~"pod-[1-3].*-(1|3|5|7)[0-9]?", status!~"4..|5..", service=~"service-.+"})',
  ),
  instant('1,000 quantiles', 'histogram_quantile(0.9, rate(http_request_duration_seconds_bucket[5m]))'),
  range('a rate, 1 h', 'rate(http_requests_total{service="service-7"}[5m])', HOUR, 30_000),
  range('sum of rates over 10,000 series, 1 h', 'sum by (service) (rate(http_requests_total[5m]))', HOUR, MINUTE),
  range(
    'quantiles by service, 1 h',
    'histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m])))',
    HOUR,
    MINUTE,
  ),
  range('topk, 1 h', 'topk(10, rate(http_requests_total{method="GET"}[5m]))', HOUR, 2 * MINUTE),
  range(
    'a join and a ratio, 1 h',
    'sum by (team) (rate(http_requests_total{status="500"}[5m]) * on(pod) group_left(team) kube_pod_info) / on(team) sum by (team) (rate(http_requests_total[5m]) * on(pod) group_left(team) kube_pod_info)',
    HOUR,
    5 * MINUTE,
  ),
  range(
    'a subquery, 1 h',
    'max_over_time(sum by (service) (rate(http_requests_total{status="500"}[5m]))[10m:1m])',
    HOUR,
    MINUTE,
  ),
  range('windows, 24 h', 'avg by (zone) (max_over_time(node_load1[30m]))', 24 * HOUR, 5 * MINUTE),
];

function instant(name: string, expression: string): BenchQuery {
  return { name, expression, range: 0, step: 0 };
}

function range(name: string, expression: string, duration: number, step: number): BenchQuery {
  return { name, expression, range: duration, step };
}

/** The request that asks it, on either side. */
export function requestOf({ expression, range: duration, step }: BenchQuery): { path: string; body: URLSearchParams } {
  const end = END / 1000;
  if (duration === 0) return { path: 'query', body: new URLSearchParams({ query: expression, time: String(end) }) };
  const times = { start: String(end - duration / 1000), end: String(end), step: String(step / 1000) };
  return { path: 'query_range', body: new URLSearchParams({ query: expression, ...times }) };
}
