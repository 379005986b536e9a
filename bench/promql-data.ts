import { Labels } from '../lib/model/labels.ts';
import type { Series } from '../lib/storage/interface.ts';
import { Choices } from '../test/promql/differential/choices.ts';

/** The data ends here; 2024-06-01, off every grid. */
export const END = Date.UTC(2024, 5, 1) + 5_137;
const INTERVAL = 30_000;
const HOUR = 3_600_000;

/**
 * What the queries of the bench read, every 30 s: 10,000 counters over an hour and a quarter, 1,000 classic histograms of
 * 12 buckets over the same time, and 200 gauges over 25 hours. The same in every process that asks.
 */
export function benchSeries(): Series[] {
  const choices = new Choices(1);
  const random = () => choices.fraction();
  return [...requests(random), ...latencies(random), ...nodes(random), ...infos()];
}

function* requests(random: () => number): Generator<Series> {
  for (let service = 0; service < 50; service++) {
    for (let pod = 0; pod < 20; pod++) {
      for (const method of ['GET', 'POST']) {
        for (const status of ['200', '204', '400', '404', '500']) {
          const labels = { service: `service-${service}`, pod: `pod-${service}-${pod}`, method, status };
          yield counter(
            { __name__: 'http_requests_total', job: 'shop', ...labels },
            1.25 * HOUR,
            random() * 50,
            random,
          );
        }
      }
    }
  }
}

const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];

function* latencies(random: () => number): Generator<Series> {
  for (let service = 0; service < 50; service++) {
    for (let pod = 0; pod < 20; pod++) {
      const labels = { job: 'shop', service: `service-${service}`, pod: `pod-${service}-${pod}` };
      const counts = BOUNDS.map(() => new Float64Array(scrapes(1.25 * HOUR)));
      for (let i = 0; i < scrapes(1.25 * HOUR); i++) {
        let below = 0;
        for (const column of counts) {
          below += Math.floor(random() * 5);
          column[i] = (column[i - 1] ?? 0) + below;
        }
      }
      for (const [b, le] of BOUNDS.entries()) {
        yield series({ __name__: 'http_request_duration_seconds_bucket', ...labels, le }, counts[b] as Float64Array);
      }
    }
  }
}

function* nodes(random: () => number): Generator<Series> {
  for (let node = 0; node < 200; node++) {
    const values = new Float64Array(scrapes(25 * HOUR));
    let load = random() * 8;
    for (let i = 0; i < values.length; i++) {
      load = Math.max(0, load + (random() - 0.5) / 2);
      values[i] = load;
    }
    yield series({ __name__: 'node_load1', job: 'node', node: `node-${node}`, zone: `zone-${node % 3}` }, values);
  }
}

/** One a pod, with what joins bring along. */
function* infos(): Generator<Series> {
  for (let service = 0; service < 50; service++) {
    for (let pod = 0; pod < 20; pod++) {
      const labels = {
        job: 'kube',
        pod: `pod-${service}-${pod}`,
        node: `node-${(service * 20 + pod) % 200}`,
        team: `team-${service % 7}`,
      };
      yield series({ __name__: 'kube_pod_info', ...labels }, new Float64Array(scrapes(1.25 * HOUR)).fill(1));
    }
  }
}

function counter(labels: Record<string, string>, duration: number, rate: number, random: () => number): Series {
  const values = new Float64Array(scrapes(duration));
  let total = Math.floor(random() * 1e6);
  for (let i = 0; i < values.length; i++) {
    total = random() < 0.001 ? 0 : total + Math.floor(random() * rate * 30);
    values[i] = total;
  }
  return series(labels, values);
}

function series(labels: Record<string, string>, values: Float64Array): Series {
  const start = END - values.length * INTERVAL;
  return {
    labels: Labels.from(labels),
    floats: { timestamps: Float64Array.from(values, (_, i) => start + i * INTERVAL), values },
  };
}

function scrapes(duration: number): number {
  return Math.floor(duration / INTERVAL);
}
