import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds: requests take milliseconds, evaluations and compactions up to a minute. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];

/** Makes instruments of one registry. Names begin with `tributary_`; that is added here. */
export class Instruments {
  readonly registry = new Registry();

  counter<T extends string = never>(name: string, help: string, ...labelNames: readonly T[]): Counter<T> {
    return new Counter({ name: `tributary_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** A counter whose label has few values, all of which are there from the beginning: a rate needs a first sample. */
  counterOf<T extends string>(name: string, help: string, label: T, values: readonly string[]): Counter<T> {
    const counter = this.counter(name, help, label);
    for (const value of values) counter.inc({ [label]: value } as Record<T, string>, 0);
    return counter;
  }

  gauge<T extends string = never>(name: string, help: string, ...labelNames: readonly T[]): Gauge<T> {
    return new Gauge({ name: `tributary_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** Of durations in seconds. */
  histogram<T extends string = never>(name: string, help: string, ...labelNames: readonly T[]): Histogram<T> {
    return new Histogram({ name: `tributary_${name}`, help, labelNames, buckets: BUCKETS, registers: [this.registry] });
  }
}

/** Values of the label `outcome` where single servers or tenants may fail, and we may. */
export const OUTCOMES = ['success', 'failure', 'fault'] as const;

/** `failure`: something of it failed for reasons of others. `fault`: ours. */
export function outcomeOf(failures: number, fault: unknown): (typeof OUTCOMES)[number] {
  return fault !== undefined ? 'fault' : failures > 0 ? 'failure' : 'success';
}

/** Counts what was refused or dropped, by reason, and answers with the sum. */
export function countReasons(counter: Counter<'reason'>, counts: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const [reason, count] of Object.entries(counts)) {
    counter.inc({ reason }, count);
    sum += count;
  }
  return sum;
}
