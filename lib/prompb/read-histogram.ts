import { type Histogram, RESET_HINTS } from '../model/histogram.ts';
import { type BucketFields, type BucketLists, newBucketLists, readBuckets } from '../wire/bucket-lists.ts';
import type { WireReader } from './wire-reader.ts';

/** A histogram under construction; the same message in both protocols, but for field 17. */
type Draft = { -readonly [Key in keyof Histogram]: Histogram[Key] } & BucketLists & { readonly customValues: number[] };

const BUCKETS: BucketFields = {
  first: 8,
  negative: { spans: 'negative_spans', deltas: 'negative_deltas', counts: 'negative_counts' },
  positive: { spans: 'positive_spans', deltas: 'positive_deltas', counts: 'positive_counts' },
};

/** Reads the `Histogram` message that the cursor stands before. A count may exceed 2^53 and is then the nearest number. */
export function readHistogram(wire: WireReader): Histogram {
  const outer = wire.enter('histograms', 4);
  const histogram = newDraft();
  let startTimestamp = 0;
  while (wire.next()) {
    if (wire.field === 17) startTimestamp = wire.int64('start_timestamp');
    else readField(wire, histogram);
  }
  wire.leave(outer);
  return startTimestamp === 0 ? histogram : { ...histogram, startTimestamp };
}

function readField(wire: WireReader, histogram: Draft): void {
  switch (wire.field) {
    case 1:
      histogram.count = wire.uint64('count_int');
      histogram.isFloat = false;
      break;
    case 2:
      histogram.count = wire.double('count_float');
      histogram.isFloat = true;
      break;
    case 3:
      histogram.sum = wire.double('sum');
      break;
    case 4:
      histogram.schema = wire.sint32('schema');
      break;
    case 5:
      histogram.zeroThreshold = wire.double('zero_threshold');
      break;
    case 6:
      histogram.zeroCount = wire.uint64('zero_count_int');
      break;
    case 7:
      histogram.zeroCount = wire.double('zero_count_float');
      break;
    case 14:
      histogram.resetHint = RESET_HINTS[wire.uint32('reset_hint')] ?? 'unknown';
      break;
    case 15:
      histogram.timestamp = wire.int64('timestamp');
      break;
    case 16:
      wire.doubles('custom_values', histogram.customValues);
      break;
    default:
      readBuckets(wire, histogram, BUCKETS);
  }
}

/** Which kind of histogram it is stands in the count, which senders write even when it is zero. */
function newDraft(): Draft {
  return {
    timestamp: 0,
    isFloat: false,
    schema: 0,
    count: 0,
    sum: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    resetHint: 'unknown',
    customValues: [],
    ...newBucketLists(),
  };
}
