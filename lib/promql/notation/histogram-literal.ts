import { CUSTOM_BUCKETS_SCHEMA, RESET_HINTS, type ResetHint } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import type { Cursor } from './cursor.ts';
import { NUMBER, parseNumber } from './numbers.ts';

export interface HistogramLiteral {
  readonly histogram: FloatHistogram;
  readonly hintGiven: boolean;
}

const SCALAR_KEYS = ['schema', 'sum', 'count', 'z_bucket', 'z_bucket_w', 'offset', 'n_offset'] as const;
const LIST_KEYS = ['buckets', 'n_buckets', 'custom_values'] as const;
const HINT_NAMES: Readonly<Record<string, ResetHint>> = {
  unknown: 'unknown',
  reset: 'yes',
  not_reset: 'no',
  gauge: 'gauge',
};

type Fields = {
  -readonly [key in (typeof SCALAR_KEYS)[number]]?: number;
} & {
  -readonly [key in (typeof LIST_KEYS)[number]]?: readonly number[];
} & { hint?: ResetHint };

/**
 * Reads `{{schema:1 sum:3 count:4 buckets:[1 2] offset:1 …}}`. Buckets are absolute counts; `offset` is the index of the
 * first of them; fields left out are zero or empty.
 */
export function readHistogramLiteral(cursor: Cursor): HistogramLiteral {
  cursor.expect('{{');
  const fields: Fields = {};
  cursor.skipSpace();
  while (!cursor.take('}}')) {
    readField(cursor, fields);
    cursor.skipSpace();
  }
  return { histogram: build(fields, cursor), hintGiven: fields.hint !== undefined };
}

function readField(cursor: Cursor, fields: Fields): void {
  const key = cursor.match(/[a-z_]+/) ?? '';
  if (key in fields || (key === 'counter_reset_hint' && fields.hint !== undefined)) {
    throw cursor.error(`field ${key} is given twice`);
  }
  if (!cursor.take(':')) throw cursor.error('expected a histogram field such as sum:1');
  const scalar = SCALAR_KEYS.find((name) => name === key);
  const list = LIST_KEYS.find((name) => name === key);
  if (scalar !== undefined) fields[scalar] = readNumber(cursor);
  else if (list !== undefined) fields[list] = readNumbers(cursor);
  else if (key === 'counter_reset_hint') fields.hint = readHint(cursor);
  else throw cursor.error(`unknown histogram field ${JSON.stringify(key)}`);
}

function readNumber(cursor: Cursor): number {
  const text = cursor.match(NUMBER);
  if (text === undefined) throw cursor.error('expected a number');
  return parseNumber(text);
}

function readNumbers(cursor: Cursor): number[] {
  cursor.expect('[');
  const numbers: number[] = [];
  cursor.skipSpace();
  while (!cursor.take(']')) {
    numbers.push(readNumber(cursor));
    cursor.skipSpace();
  }
  return numbers;
}

function readHint(cursor: Cursor): ResetHint {
  const name = cursor.match(/[a-z_]+/) ?? '';
  const hint = HINT_NAMES[name];
  if (hint === undefined) {
    throw cursor.error(`counter_reset_hint must be one of ${Object.keys(HINT_NAMES).join(', ')}, not ${name}`);
  }
  return hint;
}

function build(fields: Fields, cursor: Cursor): FloatHistogram {
  const schema = fields.schema ?? 0;
  if (!Number.isInteger(schema) || ((schema < -4 || schema > 8) && schema !== CUSTOM_BUCKETS_SCHEMA)) {
    throw cursor.error(`schema must be -4 to 8 or ${CUSTOM_BUCKETS_SCHEMA}, not ${schema}`);
  }
  const positive = fields.buckets ?? [];
  const negative = fields.n_buckets ?? [];
  return {
    resetHint: fields.hint ?? RESET_HINTS[0],
    schema,
    zeroThreshold: fields.z_bucket_w ?? 0,
    zeroCount: fields.z_bucket ?? 0,
    count: fields.count ?? 0,
    sum: fields.sum ?? 0,
    positiveSpans: positive.length === 0 ? [] : [{ offset: fields.offset ?? 0, length: positive.length }],
    negativeSpans: negative.length === 0 ? [] : [{ offset: fields.n_offset ?? 0, length: negative.length }],
    positiveBuckets: Float64Array.from(positive),
    negativeBuckets: Float64Array.from(negative),
    customValues: fields.custom_values ?? [],
  };
}
