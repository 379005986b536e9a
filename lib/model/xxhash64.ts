const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;
const STRIPE = 32;

/** xxHash64 with seed 0, by the published specification (xxhash_spec.md). */
export function xxhash64(input: Uint8Array): bigint {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  let hash = PRIME5;
  if (bytes.length >= STRIPE) {
    const lanes: [bigint, bigint, bigint, bigint] = [wrap(PRIME1 + PRIME2), PRIME2, 0n, wrap(-PRIME1)];
    for (; at + STRIPE <= bytes.length; at += STRIPE) {
      for (const i of [0, 1, 2, 3] as const) lanes[i] = round(lanes[i], bytes.readBigUInt64LE(at + 8 * i));
    }
    hash = converge(lanes);
  }
  hash = wrap(hash + BigInt(bytes.length));
  return avalanche(finish(hash, bytes.subarray(at)));
}

function converge(lanes: readonly [bigint, bigint, bigint, bigint]): bigint {
  const [a, b, c, d] = lanes;
  const start = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
  return lanes.reduce((hash, lane) => wrap((hash ^ round(0n, lane)) * PRIME1 + PRIME4), start);
}

/** The last bytes, fewer than a stripe. */
function finish(start: bigint, rest: Buffer): bigint {
  let hash = start;
  let at = 0;
  for (; at + 8 <= rest.length; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, rest.readBigUInt64LE(at)), 27n) * PRIME1 + PRIME4);
  }
  if (at + 4 <= rest.length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(rest.readUInt32LE(at)) * PRIME1), 23n) * PRIME2 + PRIME3);
    at += 4;
  }
  for (; at < rest.length; at++) {
    hash = wrap(rotate(hash ^ wrap(BigInt(rest[at] as number) * PRIME5), 11n) * PRIME1);
  }
  return hash;
}

function avalanche(hash: bigint): bigint {
  const first = wrap((hash ^ (hash >> 33n)) * PRIME2);
  const second = wrap((first ^ (first >> 29n)) * PRIME3);
  return second ^ (second >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * PRIME2), 31n) * PRIME1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap((value << bits) | (value >> (64n - bits)));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
