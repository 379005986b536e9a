import type { ProtobufReader } from './protobuf-reader.ts';

/**
 * The buckets of a native histogram under construction, as the messages of remote write and of the exposition format
 * both hold them: six repeated fields in a row, which a sender may give in several pieces.
 */
export interface BucketLists {
  readonly negativeSpans: BucketSpan[];
  readonly negativeDeltas: number[];
  readonly negativeCounts: number[];
  readonly positiveSpans: BucketSpan[];
  readonly positiveDeltas: number[];
  readonly positiveCounts: number[];
}

interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

/** What one message calls the fields; it numbers them from `first` on. */
export interface BucketFields {
  readonly first: number;
  readonly negative: SideNames;
  readonly positive: SideNames;
}

interface SideNames {
  readonly spans: string;
  readonly deltas: string;
  readonly counts: string;
}

export function newBucketLists(): BucketLists {
  return {
    negativeSpans: [],
    negativeDeltas: [],
    negativeCounts: [],
    positiveSpans: [],
    positiveDeltas: [],
    positiveCounts: [],
  };
}

/** Adds the field that the cursor stands at to its list; skips a field that is none of the six. */
export function readBuckets(
  wire: ProtobufReader,
  into: BucketLists,
  { first, negative, positive }: BucketFields,
): void {
  switch (wire.field - first) {
    case 0:
      into.negativeSpans.push(readSpan(wire, negative.spans));
      break;
    case 1:
      wire.sint64s(negative.deltas, into.negativeDeltas);
      break;
    case 2:
      wire.doubles(negative.counts, into.negativeCounts);
      break;
    case 3:
      into.positiveSpans.push(readSpan(wire, positive.spans));
      break;
    case 4:
      wire.sint64s(positive.deltas, into.positiveDeltas);
      break;
    case 5:
      wire.doubles(positive.counts, into.positiveCounts);
      break;
    default:
      wire.skip();
  }
}

function readSpan(wire: ProtobufReader, name: string): BucketSpan {
  const outer = wire.enter(name);
  let offset = 0;
  let length = 0;
  while (wire.next()) {
    if (wire.field === 1) offset = wire.sint32('offset');
    else if (wire.field === 2) length = wire.uint32('length');
    else wire.skip();
  }
  wire.leave(outer);
  return { offset, length };
}
