import { copyRoughly, equal, hash } from './bytes';
import { GENERATIONS } from './memory-layout';

/**
 * What is known of symbols and series, found by their bytes. Entries live in two generations of bounded size. New ones
 * go into the young one; what is found in the old one is carried over. When the young one is full it becomes the old
 * one, and what nobody asked for since then is forgotten. Offsets of entries are good until then: `makeRoom` is called
 * between requests only, and a request that fills the rest goes without.
 *
 * An entry is a head of 48 bytes and its key, the head's meaning by kind:
 */
const HASH: usize = 0;
const KEY_LENGTH: usize = 4;
const KIND: usize = 8;
const NEXT_IN_CHAIN: usize = 12;
/** The entry that followed this one last time; 0 for none. Senders repeat themselves, so mostly it follows again. */
const SUCCESSOR: usize = 16;
/** Six words for `symbol-entry` and `series-entry`. */
export const DATA: usize = 20;
const HEAD: usize = 48;

export const SYMBOL: u32 = 1;
export const SERIES_V1: u32 = 2;
export const SERIES_V2: u32 = 3;

/** How many entries of one chain are looked at: more than a sender could make without knowing the seed. */
const MAX_CHAIN = 64;

let seed: u64 = 0;
let hashMask: u32 = 0xffffffff;
let capacity: usize = 0;
let slots: u32 = 0;
let young: usize = 0;
let old: usize = 0;
let youngEnd: usize = 0;
/** Set when something did not fit. */
let isFull: bool = false;
let flips: u32 = 0;

/** Prepares two generations of `bytes` each. `mask` is all ones but in tests, which make hashes collide. */
export function configure(bytes: usize, randomSeed: u64, mask: u32): usize {
  capacity = bytes & ~7;
  seed = randomSeed;
  hashMask = mask;
  slots = 1 << 8;
  while (<usize>slots * 256 < capacity) slots <<= 1;
  young = GENERATIONS;
  old = young + generationSize();
  youngEnd = firstEntry();
  return old + generationSize();
}

/** To be called between requests, so that hardly any comes to the end of a generation on its way. */
export function makeRoom(): void {
  const left = firstEntry() + capacity - youngEnd;
  if (!isFull && left >= capacity >> 3) return;
  const former = old;
  old = young;
  young = former;
  youngEnd = firstEntry();
  memory.fill(young, 0, (<usize>slots) << 2);
  isFull = false;
  flips++;
}

/** How often a generation was given up. */
export function flipCount(): u32 {
  return flips;
}

/** Whether there is room for what would only be convenient to know. */
export function hasSpareRoom(): bool {
  return youngEnd - firstEntry() < capacity >> 1;
}

/** Whether the key is the one of that entry. */
export function isKeyOf(entry: usize, kind: u32, key: usize, length: usize): bool {
  return (
    load<u32>(entry, KEY_LENGTH) === <u32>length && load<u32>(entry, KIND) === kind && equal(entry + HEAD, key, length)
  );
}

export function hashOf(kind: u32, key: usize, length: usize): u32 {
  return hash(key, length, seed + kind) & hashMask;
}

/** Finds an entry of this generation; 0 when there is none. */
export function findYoung(kind: u32, key: usize, length: usize, hashed: u32): usize {
  return find(young, kind, key, length, hashed);
}

export function findOld(kind: u32, key: usize, length: usize, hashed: u32): usize {
  return flips === 0 ? 0 : find(old, kind, key, length, hashed);
}

function find(generation: usize, kind: u32, key: usize, length: usize, hashed: u32): usize {
  let entry: usize = load<u32>(slotOf(generation, hashed));
  for (let i = 0; i < MAX_CHAIN && entry !== 0; i++) {
    if (load<u32>(entry, HASH) === hashed && isKeyOf(entry, kind, key, length)) return entry;
    entry = load<u32>(entry, NEXT_IN_CHAIN);
  }
  return 0;
}

/** Makes an entry with `extra` bytes behind its key; 0 when there is no room. Its data words are zero. */
export function insert(kind: u32, key: usize, length: usize, hashed: u32, extra: usize): usize {
  const size = HEAD + ((length + 7) & ~7) + ((extra + 7) & ~7);
  // Vector loads may reach 16 bytes beyond the last key.
  if (youngEnd + size + 16 > young + generationSize()) {
    isFull = true;
    return 0;
  }
  const entry = youngEnd;
  youngEnd += size;
  const slot = slotOf(young, hashed);
  store<u32>(entry, hashed, HASH);
  store<u32>(entry, <u32>length, KEY_LENGTH);
  store<u32>(entry, kind, KIND);
  store<u32>(entry, load<u32>(slot), NEXT_IN_CHAIN);
  v128.store(entry + SUCCESSOR, i64x2.splat(0));
  v128.store(entry + SUCCESSOR + 16, i64x2.splat(0));
  copyRoughly(entry + HEAD, key, length);
  store<u32>(slot, <u32>entry);
  return entry;
}

export function keyOf(entry: usize): usize {
  return entry + HEAD;
}

export function keyLength(entry: usize): u32 {
  return load<u32>(entry, KEY_LENGTH);
}

/** What an entry keeps behind its key. */
export function extraOf(entry: usize): usize {
  return entry + HEAD + ((<usize>load<u32>(entry, KEY_LENGTH) + 7) & ~7);
}

export function successorOf(entry: usize): usize {
  return load<u32>(entry, SUCCESSOR);
}

export function setSuccessor(entry: usize, successor: usize): void {
  if (load<u32>(entry, SUCCESSOR) !== <u32>successor) store<u32>(entry, <u32>successor, SUCCESSOR);
}

function slotOf(generation: usize, hashed: u32): usize {
  return generation + ((<usize>(hashed & (slots - 1))) << 2);
}

/** Entries come after the slots that the chains begin in. */
function firstEntry(): usize {
  return young + ((<usize>slots) << 2);
}

function generationSize(): usize {
  return ((<usize>slots) << 2) + capacity;
}
