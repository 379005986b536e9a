import type { Labels } from './labels.ts';
import { xxhash64 } from './xxhash64.ts';

/**
 * The hash that Prometheus gives a label set (`labels.Hash`): xxHash64 of each name and value in order, each preceded
 * by its length in bytes; one byte up to 254, else 255 and three bytes, lowest first.
 */
export function hashLabels(labels: Labels): bigint {
  const parts = labels.pairs.flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8');
    return [sizeBytes(bytes.length), bytes];
  });
  return xxhash64(Buffer.concat(parts));
}

function sizeBytes(size: number): Buffer {
  return size < 255 ? Buffer.of(size) : Buffer.of(255, size & 0xff, (size >> 8) & 0xff, (size >> 16) & 0xff);
}
