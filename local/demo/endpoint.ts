import type { TimedRequests } from './exposition.ts';
import { countEvents, type Latency, spread, type Traffic } from './traffic.ts';

/** One operation of a service. */
export interface Endpoint {
  readonly method: string;
  /** As the service's own framework writes a route. */
  readonly route: string;
  /** Requests per second of all replicas together. */
  readonly rate: number;
  readonly latency: Latency;
  /** Status code of what the caller did wrong, and its share of the rate. */
  readonly clientErrors?: { readonly status: number; readonly share: number };
  /** Status code of failures; they come in bursts, and few in between. */
  readonly serverErrors?: { readonly status: number; readonly share: number };
}

/** Requests of one endpoint with one status, on one replica since its start. */
export interface Outcome {
  readonly endpoint: Endpoint;
  readonly status: number;
  /** Apart by how long they took. */
  readonly requests: readonly TimedRequests[];
}

/** Where requests are counted. */
export interface Replica {
  readonly instance: string;
  /** Of how many that share the traffic. */
  readonly replicas: number;
  /** Seconds since the epoch. */
  readonly startedAt: number;
}

/** Every so often a part of the requests becomes slow, for a few minutes. */
const SLOW_EVERY_SECONDS = 1500;
const SLOW_FOR_SECONDS = 240;
const SLOW_SHARE = 0.2;
const SLOW_FACTOR = 8;

const FAILURES_EVERY_SECONDS = 1100;
const FAILURES_FOR_SECONDS = 120;

/** @param time seconds since the epoch */
export function outcomesOf(endpoint: Endpoint, replica: Replica, time: number): readonly Outcome[] {
  const { latency, clientErrors, serverErrors } = endpoint;
  const slow = { ...latency, medianSeconds: latency.medianSeconds * SLOW_FACTOR };
  const quick = { medianSeconds: latency.medianSeconds / 4, sigma: latency.sigma };
  const timed = (traffic: Traffic, how: Latency): TimedRequests => ({
    ...how,
    count: countEvents(traffic, replica.startedAt, time),
  });
  const outcomes: Outcome[] = [
    {
      endpoint,
      status: endpoint.method === 'POST' ? 201 : 200,
      requests: [timed(steady(endpoint, replica), latency), timed(slowdowns(endpoint, replica), slow)],
    },
  ];
  if (clientErrors !== undefined) {
    const traffic = steady({ ...endpoint, rate: endpoint.rate * clientErrors.share }, replica);
    outcomes.push({ endpoint, status: clientErrors.status, requests: [timed(traffic, quick)] });
  }
  if (serverErrors !== undefined) {
    const traffic = failures({ ...endpoint, rate: endpoint.rate * serverErrors.share }, replica);
    outcomes.push({ endpoint, status: serverErrors.status, requests: [timed(traffic, slow)] });
  }
  return outcomes;
}

function steady({ rate, route }: Endpoint, { replicas, instance }: Replica): Traffic {
  const own = (rate / replicas) * (0.85 + 0.3 * spread(instance + route));
  const phase = 2 * Math.PI * spread(route);
  return { rate: own, wave: { periodSeconds: 1800, depth: 0.4, phase } };
}

function slowdowns({ rate, route }: Endpoint, { replicas }: Replica): Traffic {
  return {
    rate: (rate / replicas) * 0.01,
    burst: {
      everySeconds: SLOW_EVERY_SECONDS,
      forSeconds: SLOW_FOR_SECONDS,
      offsetSeconds: SLOW_EVERY_SECONDS * spread(`slow${route}`),
      rate: (rate / replicas) * SLOW_SHARE,
    },
  };
}

/** A tenth of the failures comes all the time, so that there is always something to see. */
function failures({ rate, route }: Endpoint, { replicas }: Replica): Traffic {
  const mean = rate / replicas;
  return {
    rate: mean * 0.1,
    burst: {
      everySeconds: FAILURES_EVERY_SECONDS,
      forSeconds: FAILURES_FOR_SECONDS,
      offsetSeconds: FAILURES_EVERY_SECONDS * spread(`fail${route}`),
      rate: mean * 0.9 * (FAILURES_EVERY_SECONDS / FAILURES_FOR_SECONDS),
    },
  };
}
