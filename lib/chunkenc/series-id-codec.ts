import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';

/** The 48 lower bits of an id are noise and stand as they are; of the 16 upper ones only the difference is written. */
const NOISE_BYTES = 6;

/** Writes ascending 64-bit ids: about 7 bytes each. */
export function encodeIds(writer: ByteWriter, high: Uint32Array, low: Uint32Array): void {
  writer.varint(high.length);
  const noise = new Uint8Array(high.length * NOISE_BYTES);
  let previous = 0;
  for (let i = 0; i < high.length; i++) {
    const [upper, lower] = [high[i] as number, low[i] as number];
    if (i > 0 && !ascends(high[i - 1] as number, low[i - 1] as number, upper, lower)) {
      throw new RangeError(`BUG: series ids of a block do not ascend at ${i}`);
    }
    writer.varint((upper >>> 16) - previous);
    previous = upper >>> 16;
    noise[i * NOISE_BYTES] = upper >>> 8;
    noise[i * NOISE_BYTES + 1] = upper;
    for (let k = 0; k < 4; k++) noise[i * NOISE_BYTES + 2 + k] = lower >>> (24 - 8 * k);
  }
  writer.append(noise);
}

/** @throws CorruptBlockError when ids do not ascend. */
export function decodeIds(reader: ByteReader): { readonly high: Uint32Array; readonly low: Uint32Array } {
  const count = reader.count(1 + NOISE_BYTES);
  const [high, low] = [new Uint32Array(count), new Uint32Array(count)];
  let upper = 0;
  for (let i = 0; i < count; i++) {
    upper += reader.varint();
    if (upper > 0xffff) throw new CorruptBlockError(`cannot read sample block: series id ${i} is out of range`);
    high[i] = upper * 0x10000;
  }
  const noise = reader.take(count * NOISE_BYTES);
  const view = new DataView(noise.buffer, noise.byteOffset, noise.length);
  for (let i = 0; i < count; i++) {
    high[i] = (high[i] as number) + view.getUint16(i * NOISE_BYTES);
    low[i] = view.getUint32(i * NOISE_BYTES + 2);
    if (i > 0 && !ascends(high[i - 1] as number, low[i - 1] as number, high[i] as number, low[i] as number)) {
      throw new CorruptBlockError(`cannot read sample block: series ids do not ascend at ${i}`);
    }
  }
  return { high, low };
}

function ascends(highA: number, lowA: number, highB: number, lowB: number): boolean {
  return highA < highB || (highA === highB && lowA < lowB);
}
