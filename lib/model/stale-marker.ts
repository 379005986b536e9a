/**
 * Prometheus ends a series with a NaN of exactly these bits (`model/value`, StaleNaN); an ordinary NaN is
 * 0x7ff8000000000001. The two differ only in their bits, so they are told apart through a view of the bytes.
 */
export const STALE_HIGH = 0x7ff00000;
export const STALE_LOW = 0x00000002;

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);
const [LOW, HIGH] = littleEndian() ? [0, 1] : [1, 0];

words[HIGH] = STALE_HIGH;
words[LOW] = STALE_LOW;

/**
 * The stale marker as a number. Variables, fields of objects and typed arrays carry it. JSON, text and ordinary arrays of
 * numbers lose it: V8 may write its one canonical NaN there. `[value, time] = [values[i], times[i]]` is such an array, and
 * loses the marker where it runs for about the tenth time.
 */
export const STALE_NAN: number = scratch[0] as number;

/**
 * Whether a value is the stale marker. The marker is a signalling NaN, and an engine may set its quiet bit while it
 * passes through a register; no other NaN has 2 as its low word, so the quiet form counts too.
 */
export function isStaleNaN(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  scratch[0] = value;
  return words[LOW] === STALE_LOW && ((words[HIGH] as number) & 0x7ff7ffff) === STALE_HIGH;
}

function littleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}
