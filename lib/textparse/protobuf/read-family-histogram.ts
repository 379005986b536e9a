import type { Histogram, Span } from '../../model/histogram.ts';
import { type BucketFields, type BucketLists, newBucketLists, readBuckets } from '../../wire/bucket-lists.ts';
import type { PageExemplar } from '../page-parser.ts';
import type { MessageReader } from './message-reader.ts';
import { readExemplar, readTimestamp } from './read-exemplar.ts';

/** A `Histogram` of a family, which may have two faces at once: classic buckets and a native histogram. */
export interface FamilyHistogram {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly FamilyBucket[];
  /** Whether there is a native face. Senders mark an empty one by a span without buckets. */
  readonly isNative: boolean;
  /** Of the native face. */
  readonly exemplars: readonly PageExemplar[];
  readonly startTimestamp: number | undefined;
  readonly native: NativeFields;
}

export interface FamilyBucket {
  readonly upperBound: number;
  readonly cumulativeCount: number;
  readonly exemplar: PageExemplar | undefined;
}

/** The native face: a model Histogram but for what is not its own. */
export type NativeFields = Omit<Histogram, 'timestamp' | 'startTimestamp' | 'count' | 'sum' | 'resetHint'>;

/** The message under construction: counts come as integers, as floats, or both, of which the float then says more. */
interface Draft extends BucketLists {
  countInt: number;
  countFloat: number;
  zeroCountInt: number;
  zeroCountFloat: number;
  sum: number;
  schema: number;
  zeroThreshold: number;
  startTimestamp: number | undefined;
  readonly buckets: FamilyBucket[];
  readonly exemplars: PageExemplar[];
}

const BUCKETS: BucketFields = {
  first: 9,
  negative: { spans: 'negative_span', deltas: 'negative_delta', counts: 'negative_count' },
  positive: { spans: 'positive_span', deltas: 'positive_delta', counts: 'positive_count' },
};

/** Reads the `Histogram` that the cursor stands before. A count may exceed 2^53 and is then the nearest number. */
export function readFamilyHistogram(wire: MessageReader): FamilyHistogram {
  const draft = newDraft();
  wire.message('histogram', () => readField(wire, draft));
  const isFloat =
    draft.countFloat > 0 || draft.zeroCountFloat > 0 || draft.positiveCounts.length + draft.negativeCounts.length > 0;
  checkSpans(wire, 'positive', draft.positiveSpans, isFloat ? draft.positiveCounts : draft.positiveDeltas);
  checkSpans(wire, 'negative', draft.negativeSpans, isFloat ? draft.negativeCounts : draft.negativeDeltas);
  const { sum, buckets, exemplars, startTimestamp, positiveSpans, negativeSpans, zeroThreshold } = draft;
  return {
    count: isFloat ? draft.countFloat : draft.countInt,
    sum,
    buckets,
    exemplars,
    startTimestamp,
    isNative: positiveSpans.length + negativeSpans.length > 0 || zeroThreshold > 0,
    native: nativeFields(draft, isFloat),
  };
}

function nativeFields(draft: Draft, isFloat: boolean): NativeFields {
  return {
    isFloat,
    schema: draft.schema,
    zeroThreshold: draft.zeroThreshold,
    zeroCount: isFloat ? draft.zeroCountFloat : draft.zeroCountInt,
    positiveSpans: withoutEmptySpans(draft.positiveSpans),
    positiveDeltas: isFloat ? [] : draft.positiveDeltas,
    positiveCounts: isFloat ? draft.positiveCounts : [],
    negativeSpans: withoutEmptySpans(draft.negativeSpans),
    negativeDeltas: isFloat ? [] : draft.negativeDeltas,
    negativeCounts: isFloat ? draft.negativeCounts : [],
    customValues: [],
  };
}

function readField(wire: MessageReader, draft: Draft): void {
  switch (wire.field) {
    case 1:
      draft.countInt = wire.uint64('sample_count');
      break;
    case 2:
      draft.sum = wire.double('sample_sum');
      break;
    case 3:
      draft.buckets.push(readBucket(wire));
      break;
    case 4:
      draft.countFloat = wire.double('sample_count_float');
      break;
    case 15:
      draft.startTimestamp = readTimestamp(wire, 'created_timestamp');
      break;
    case 16:
      draft.exemplars.push(readExemplar(wire));
      break;
    default:
      readNativeField(wire, draft);
  }
}

function readNativeField(wire: MessageReader, draft: Draft): void {
  switch (wire.field) {
    case 5:
      draft.schema = wire.sint32('schema');
      break;
    case 6:
      draft.zeroThreshold = wire.double('zero_threshold');
      break;
    case 7:
      draft.zeroCountInt = wire.uint64('zero_count');
      break;
    case 8:
      draft.zeroCountFloat = wire.double('zero_count_float');
      break;
    default:
      readBuckets(wire, draft, BUCKETS);
  }
}

function readBucket(wire: MessageReader): FamilyBucket {
  let countInt = 0;
  let countFloat = 0;
  let upperBound = 0;
  let exemplar: PageExemplar | undefined;
  wire.message('bucket', () => {
    if (wire.field === 1) countInt = wire.uint64('cumulative_count');
    else if (wire.field === 2) upperBound = wire.double('upper_bound');
    else if (wire.field === 3) exemplar = readExemplar(wire);
    else if (wire.field === 4) countFloat = wire.double('cumulative_count_float');
    else wire.skip();
  });
  return { upperBound, cumulativeCount: countFloat > 0 ? countFloat : countInt, exemplar };
}

function checkSpans(wire: MessageReader, side: string, spans: readonly Span[], buckets: readonly number[]): void {
  const promised = spans.reduce((sum, { length }) => sum + length, 0);
  if (promised === buckets.length) return;
  throw wire.fault(`the ${side} spans of a histogram hold ${promised} buckets where ${buckets.length} are given`);
}

/** Drops spans without buckets; the gap before one belongs to the next. */
function withoutEmptySpans(spans: readonly Span[]): Span[] {
  const kept: Span[] = [];
  let gap = 0;
  for (const { offset, length } of spans) {
    gap += offset;
    if (length === 0) continue;
    kept.push({ offset: gap, length });
    gap = 0;
  }
  return kept;
}

function newDraft(): Draft {
  return {
    countInt: 0,
    countFloat: 0,
    zeroCountInt: 0,
    zeroCountFloat: 0,
    sum: 0,
    schema: 0,
    zeroThreshold: 0,
    startTimestamp: undefined,
    buckets: [],
    exemplars: [],
    ...newBucketLists(),
  };
}
