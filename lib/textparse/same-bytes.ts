/** Whether two ranges hold the same bytes; compared four at a time. */
export function sameBytes(a: DataView, aStart: number, b: DataView, bStart: number, length: number): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    if (a.getInt32(aStart + i, true) !== b.getInt32(bStart + i, true)) return false;
  }
  for (; i < length; i++) if (a.getUint8(aStart + i) !== b.getUint8(bStart + i)) return false;
  return true;
}

/** A 32-bit hash of a range. The seed keeps a sender from choosing what collides. */
export function hashBytes(view: DataView, start: number, length: number, seed: number): number {
  let hash = seed ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) hash = mix(hash, view.getInt32(start + i, true));
  for (; i < length; i++) hash = mix(hash, view.getUint8(start + i));
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}
