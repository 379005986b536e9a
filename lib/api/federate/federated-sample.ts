import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../../promql/float-histogram.ts';

/** The last sample of one series; `timestamp` in ms. */
export interface FederatedSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number | FloatHistogram;
}
