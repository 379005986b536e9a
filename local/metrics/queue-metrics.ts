import { Gauge } from 'prom-client';
import type { QueueFigures } from '../sqs/local-queue.ts';
import type { Instruments } from './instruments.ts';

/** What waits in the queues; they are asked with every scrape. */
export function queueMetrics({ registry }: Instruments, figuresOf: () => readonly QueueFigures[]): void {
  new Gauge({
    name: 'tributary_queue_depth',
    help: 'Messages in a queue.',
    labelNames: ['queue', 'state'],
    registers: [registry],
    collect() {
      for (const { name: queue, visible, inFlight, delayed } of figuresOf()) {
        this.set({ queue, state: 'visible' }, visible);
        this.set({ queue, state: 'in_flight' }, inFlight);
        this.set({ queue, state: 'delayed' }, delayed);
      }
    },
  });
  new Gauge({
    name: 'tributary_queue_oldest_message_age_seconds',
    help: 'How long the oldest message of a queue has been in it; 0: there is none.',
    labelNames: ['queue'],
    registers: [registry],
    collect() {
      for (const { name: queue, oldestSentAt } of figuresOf()) {
        this.set({ queue }, oldestSentAt === undefined ? 0 : Math.max(0, Date.now() - oldestSentAt) / 1000);
      }
    },
  });
}
