import { Labels } from '../lib/model/labels.ts';
import type { Series } from '../lib/storage/interface.ts';
import { seededRandom } from './seeded-random.ts';

const INTERVAL_MS = 15_000;
const BUCKETS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf'];

/**
 * Some 10,000 normalised series from `mint` to `maxt` (ms) every 15 s, off the grid of whole seconds: 25 services of four
 * instances with six operations each, and 20 machines.
 */
export function normalisedSeries(mint: number, maxt: number): Series[] {
  const random = seededRandom(7);
  const times = Float64Array.from(
    { length: Math.floor((maxt - mint) / INTERVAL_MS) },
    (_, i) => mint + i * INTERVAL_MS,
  );
  const series = (labels: Record<string, string>, values: Float64Array): Series => ({
    labels: Labels.from(labels),
    floats: { timestamps: times, values },
  });
  const counter = (labels: Record<string, string>, perSecond: number): Series => {
    // Far from zero, where versions of Prometheus extrapolate alike.
    let value = 1e6;
    return series(
      labels,
      times.map(() => (value += Math.round(perSecond * 15 * (0.5 + random())))),
    );
  };
  const gauge = (labels: Record<string, string>, around: number): Series =>
    series(
      labels,
      times.map(() => Math.round(around * (0.9 + 0.2 * random()))),
    );
  return [...services(counter), ...machines(counter, gauge)];
}

type Make = (labels: Record<string, string>, size: number) => Series;

function* services(counter: Make): Generator<Series> {
  for (let service = 0; service < 25; service++) {
    for (let instance = 0; instance < 4; instance++) {
      for (let operation = 0; operation < 6; operation++) {
        const labels = {
          asserts_env: 'prod',
          asserts_site: 'eu-west-1',
          asserts_source: 'otel',
          asserts_request_type: 'inbound',
          asserts_request_context: `/operation/${operation}`,
          job: `service-${service}`,
          namespace: 'shop',
          instance: `10.0.${service}.${instance}:8080`,
        };
        const named = (name: string) => ({ ...labels, __name__: `asserts:${name}` });
        yield counter(named('request:total'), 20);
        yield counter({ ...named('error:total'), asserts_error_type: 'server_errors' }, 1);
        yield counter(named('client:error:total'), 2);
        yield counter(named('latency:total'), 3);
        yield counter(named('latency:count'), 20);
        for (const [i, le] of BUCKETS.entries()) yield counter({ ...named('latency:bucket'), le }, 2 * (i + 1));
      }
    }
  }
}

function* machines(counter: Make, gauge: Make): Generator<Series> {
  for (let machine = 0; machine < 20; machine++) {
    const of = (form: string, type: string, more: Record<string, string> = {}) => ({
      __name__: `asserts:resource:${form}`,
      asserts_env: 'prod',
      asserts_source: 'node_exporter',
      asserts_entity_type: 'Node',
      asserts_resource_type: type,
      instance: `node-${machine}:9100`,
      job: 'node',
      ...more,
    });
    for (let cpu = 0; cpu < 8; cpu++) {
      for (const mode of ['user', 'system', 'iowait'])
        yield counter(of('total', 'cpu:usage', { cpu: `${cpu}`, mode }), 0.2);
      yield counter(of('total', 'cpu:idle', { cpu: `${cpu}`, mode: 'idle' }), 0.4);
    }
    yield gauge(of('gauge', 'memory:available'), 8e9);
    yield gauge(of('gauge', 'memory:total'), 32e9);
    for (const device of ['nvme0n1', 'nvme1n1', 'sda']) {
      const at = { device, mountpoint: `/${device}` };
      yield gauge(of('gauge', 'disk:available', at), 1e11);
      yield gauge(of('gauge', 'disk:total', at), 5e11);
      for (const type of ['disk:read_bytes', 'disk:written_bytes']) yield counter(of('total', type, { device }), 1e6);
    }
    for (const type of ['network:rx_bytes', 'network:tx_bytes'])
      yield counter(of('total', type, { device: 'eth0' }), 1e6);
  }
}
