import type { Tally } from '../storage/ledger.ts';
import type { EmfMetric } from './emf.ts';

/** What one invocation of the worker did. */
export interface WorkedBatch {
  readonly messages: number;
  /** Messages that were not processed; of these `buried` went to the dead letters at once, the others come again. */
  readonly failed: number;
  readonly buried: number;
  /** Of the messages that were processed, their intake included. */
  readonly tally: Tally;
  readonly durationMs: number;
}

/** What one batch adds to the metrics of the worker. */
export function batchMetrics({ messages, failed, buried, tally }: WorkedBatch): readonly EmfMetric[] {
  const dropped = Object.values(tally.dropped).reduce((sum, count) => sum + count, 0);
  return [
    { name: 'Messages', unit: 'Count', value: messages },
    { name: 'MessagesFailed', unit: 'Count', value: failed },
    { name: 'MessagesBuried', unit: 'Count', value: buried },
    { name: 'SamplesContextualized', unit: 'Count', value: tally.contextualized },
    { name: 'SamplesDropped', unit: 'Count', value: dropped },
    { name: 'SamplesStored', unit: 'Count', value: tally.stored },
  ];
}
