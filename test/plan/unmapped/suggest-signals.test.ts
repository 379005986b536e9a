import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { newSelection } from '../../../lib/plan/selection.ts';
import { type Suggestion, suggestSignals } from '../../../lib/plan/unmapped/suggest-signals.ts';
import { planOfSignals } from '../../rules/signals/expand.ts';
import { CAPTURED, familiesOf } from './pages.ts';

function suggest(page: string): Suggestion[] {
  return suggestSignals(familiesOf(page));
}

function signalsOf(page: string): object[] {
  return suggest(page).flatMap(({ signals }) => signals);
}

describe('suggestSignals', () => {
  it('sees requests, failures and latency in a histogram', () => {
    const page = `# TYPE shop_http_request_duration_seconds histogram
shop_http_request_duration_seconds_bucket{method="GET",route="/cart",status="200",le="1"} 1
shop_http_request_duration_seconds_bucket{method="GET",route="/cart",status="200",le="+Inf"} 1
shop_http_request_duration_seconds_sum{method="GET",route="/cart",status="200"} 1
shop_http_request_duration_seconds_count{method="GET",route="/cart",status="200"} 1
`;
    expect(signalsOf(page)).toEqual([
      {
        kind: 'histogram',
        name: 'shop-http-request-duration-seconds',
        source: 'shop',
        request_type: 'inbound',
        context: ['{method} {route}', '{route}'],
        metric: 'shop_http_request_duration_seconds',
        unit: 'seconds',
        errors: [{ type: 'server_errors', when: 'status=~"5.."' }],
        client_errors: 'status=~"4.."',
      },
    ]);
  });

  it('sees failures of outbound requests, of gRPC and in words', () => {
    const errors = (series: string) =>
      (signalsOf(`# TYPE a_total counter\n${series} 1\n`)[0] as { errors?: unknown }).errors;
    expect(errors('a_client_requests_total{code="404"}')).toEqual([
      { type: 'server_errors', when: 'code=~"5.."' },
      { type: 'client_errors', when: 'code=~"4.."' },
    ]);
    expect(errors('a_calls_total{grpc_code="OK"}')).toEqual([
      {
        type: 'server_errors',
        when: 'grpc_code=~"Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"',
      },
    ]);
    expect(errors('a_things_total{result="failed"}')).toEqual([{ type: 'server_errors', when: 'result=~"failed"' }]);
    expect(errors('a_calls_total{error_type="x"}')).toEqual([
      { type: 'server_errors', when: 'error_type!~"|none|None"' },
    ]);
  });

  it('sees failures that are counted by themselves', () => {
    expect(suggest('queue_publish_failures_total{topic="t"} 1\n')).toMatchObject([
      {
        group: 'error counters',
        signals: [{ kind: 'requestError', context: ['{topic}'], errors: [{ type: 'server_errors', when: '' }] }],
      },
    ]);
  });

  it('keeps different things of one source apart by a context of their names', () => {
    const contexts = signalsOf(
      'db_compaction_runs_total 1\ndb_compaction_calls_total 1\ndb_compaction_calls_failed_total 1\ndb_calls_total 1\n',
    );
    expect(contexts.map((signal) => (signal as { context?: unknown }).context)).toEqual([
      undefined,
      ['compaction'],
      ['compaction'],
    ]);
  });

  it('sees summaries, and counters of time beside what took it', () => {
    const page = `# TYPE x_latency_seconds summary
x_latency_seconds{quantile="0.5"} 1
x_latency_seconds{quantile="0.99"} 1
x_latency_seconds_sum 1
x_latency_seconds_count 1
db_query_duration_seconds_total 1
db_query_calls_total 1
`;
    expect(signalsOf(page).map((signal) => (signal as { kind: string }).kind)).toEqual([
      'requestRate',
      'latencyAverage',
      'requestRate',
      'latencyAverage',
      'latencyQuantile',
    ]);
    expect(signalsOf(page)[4]).toMatchObject({ summary: 'x_latency_seconds', quantiles: { '0.99': 'p99' } });
  });

  it('sees limits beside what they bound, part by part', () => {
    const page = `pool_connections_active{pool="a"} 1
pool_connections_active{pool="b"} 1
pool_connections_max{pool="a"} 9
pool_connections_max{pool="b"} 9
disk_free_bytes 1
disk_free_limit_bytes 1
`;
    const [pair, ...rest] = suggest(page);
    expect(pair?.signals).toEqual([
      {
        kind: 'utilisation',
        name: 'pool-connections-active',
        source: 'pool',
        resource_type: 'connections:usage',
        entity_type: 'Service',
        used: 'pool_connections_active',
        limit: 'pool_connections_max',
        by: ['pool'],
      },
    ]);
    expect(rest.map(({ group }) => group)).toEqual(['resource gauges', 'resource gauges']);
  });

  it('sees versions, and keeps apart what would have one name', () => {
    const page = `a_build_info{version="1"} 1
b_info{redis_version="1"} 1
c_info{name="x"} 1
one_memory_bytes 1
one_memory__bytes 1
`;
    const found = suggest(page);
    expect(found.filter(({ group }) => group === 'versions').map(({ signals }) => signals[0])).toMatchObject([
      { source: 'a', metric: 'a_build_info' },
      { source: 'b', version_label: 'redis_version' },
    ]);
    const types = found.filter(({ group }) => group === 'resource gauges').flatMap(({ signals }) => signals);
    expect(new Set(types.map((signal) => signal['resource_type'])).size).toBe(2);
    expect(new Set(types.map(({ name }) => name)).size).toBe(2);
  });

  it('guesses nothing where nothing tells', () => {
    expect(
      suggest('a_things 1\nstart_time_seconds 1\n# TYPE sizes_bytes histogram\nsizes_bytes_bucket{le="1"} 1\n'),
    ).toMatchObject([
      { group: 'anything else', signals: [] },
      { group: 'anything else', signals: [] },
      { group: 'anything else', signals: [] },
    ]);
  });

  it.skipIf(CAPTURED.length === 0)('has captured pages to be tried on (skipped where there are none)', () => {
    expect(CAPTURED).toHaveLength(6);
  });

  it.each(CAPTURED)('makes signals of %s that can be used and read what they are for', (_, page) => {
    const suggestions = suggest(page);
    const signals = suggestions.flatMap((suggestion) => suggestion.signals);
    expect(signals.length).toBeGreaterThan(0);
    const plan = planOfSignals(stringify(signals, { lineWidth: 0 }));
    // Without the relabel configs: a page may have no requests but health checks.
    const selects = newSelection({ selection: plan.selection });
    const missed = suggestions
      .filter((suggestion) => suggestion.signals.length > 0)
      .flatMap(({ families }) => families)
      .filter(({ series }) => !series.some(selects))
      .map(({ name }) => name);
    expect(missed).toEqual([]);
  });
});
