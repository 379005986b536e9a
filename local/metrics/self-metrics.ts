import { collectDefaultMetrics } from 'prom-client';
import type { QueueFigures } from '../sqs/local-queue.ts';
import { compactionMetrics } from './compaction-metrics.ts';
import { evaluationMetrics } from './evaluation-metrics.ts';
import { Instruments } from './instruments.ts';
import { intakeMetrics } from './intake-metrics.ts';
import { queryMetrics } from './query-metrics.ts';
import { queueMetrics } from './queue-metrics.ts';
import { federationMetrics, querySourceMetrics } from './source-metrics.ts';
import { workerMetrics } from './worker-metrics.ts';

export interface SelfMetricsOptions {
  readonly version: string;
  readonly planVersion: string;
  /** Asked with every scrape. */
  readonly queues: () => readonly QueueFigures[];
}

/**
 * What this process does, as Prometheus counts: each member is told the outcomes that the functions log and, on AWS, write
 * as metrics of CloudWatch. No tenant is told from another.
 */
export type SelfMetrics = ReturnType<typeof newSelfMetrics>;

export function newSelfMetrics({ version, planVersion, queues }: SelfMetricsOptions) {
  const make = new Instruments();
  const { registry } = make;
  collectDefaultMetrics({ register: registry });
  const build = make.gauge('build_info', 'What runs; always 1.', 'version', 'plan', 'node');
  build.set({ version, plan: planVersion, node: process.version }, 1);
  queueMetrics(make, queues);
  return {
    received: intakeMetrics(make),
    worked: workerMetrics(make),
    answered: queryMetrics(make),
    scraped: federationMetrics(make),
    asked: querySourceMetrics(make),
    evaluated: evaluationMetrics(make),
    compacted: compactionMetrics(make),
    /** The page for Prometheus. */
    async page(): Promise<{ readonly contentType: string; readonly body: string }> {
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
