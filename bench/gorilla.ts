const DELTA_BITS: readonly (readonly [limit: number, bits: number])[] = [
  [0, 1],
  [64, 2 + 7],
  [256, 3 + 9],
  [2048, 4 + 12],
];
const FULL_DELTA_BITS = 4 + 32;
const FIRST_BITS = 128;

const double = new DataView(new ArrayBuffer(16));

/**
 * Bits that one series takes in Facebook's Gorilla encoding (Pelkonen et al., VLDB 2015, section 4.1): differences of
 * differences of timestamps, and values XORed with the one before, with the window of the last leading and trailing zeros.
 * For comparison only: the store does not use it (ADR 013).
 */
export function gorillaBits(timestamps: Float64Array, values: Float64Array): number {
  let bits = FIRST_BITS;
  let [leading, trailing] = [65, 0];
  for (let i = 1; i < values.length; i++) {
    const step = (timestamps[i] as number) - (timestamps[i - 1] as number);
    const before = i === 1 ? 0 : (timestamps[i - 1] as number) - (timestamps[i - 2] as number);
    bits += deltaBits(step - before);
    const [lead, trail] = zeros(values[i - 1] as number, values[i] as number);
    if (lead === 64) bits += 1;
    else if (lead >= leading && trail >= trailing) bits += 2 + 64 - leading - trailing;
    else {
      [leading, trailing] = [Math.min(lead, 31), trail];
      bits += 2 + 5 + 6 + 64 - leading - trailing;
    }
  }
  return bits;
}

function deltaBits(difference: number): number {
  return DELTA_BITS.find(([limit]) => Math.abs(difference) <= limit)?.[1] ?? FULL_DELTA_BITS;
}

/** Leading and trailing zeros of the XOR of two doubles; 64 leading ones when they are equal. */
function zeros(a: number, b: number): [leading: number, trailing: number] {
  double.setFloat64(0, a);
  double.setFloat64(8, b);
  const high = (double.getUint32(0) ^ double.getUint32(8)) >>> 0;
  const low = (double.getUint32(4) ^ double.getUint32(12)) >>> 0;
  if (high === 0 && low === 0) return [64, 64];
  const leading = high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
  return [leading, low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)];
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
