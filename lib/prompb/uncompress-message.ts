import { uncompress } from '../wire/snappy.ts';
import { instantiateWasm, PAGE_BYTES, type WasmExports } from './wasm-exports.ts';

/** An instance of its own: its memory is for nothing else, and pages of it cost nothing until they are touched. */
interface Workbench {
  readonly wasm: WasmExports;
  readonly bytes: Buffer;
}

let workbench: Workbench | undefined;

/**
 * What `uncompress` answers, by the decompressor of the receiver. What that does not take, larger than any message of ours or
 * corrupt, goes the plain way. The bytes are the caller's own.
 *
 * @throws SnappyTooLargeError, SnappyError
 */
export function uncompressMessage(body: Uint8Array, maxBytes: number): Uint8Array {
  workbench ??= newWorkbench();
  const { wasm, bytes } = workbench;
  if (body.length > wasm.maxCompressed()) return uncompress(body, maxBytes);
  bytes.set(body, wasm.compressedAt());
  const length = wasm.uncompress(body.length, maxBytes);
  const start = wasm.uncompressedAt();
  return length < 0 ? uncompress(body, maxBytes) : Uint8Array.prototype.slice.call(bytes, start, start + length);
}

function newWorkbench(): Workbench {
  const wasm = instantiateWasm();
  const pages = Math.ceil(wasm.uncompressedEnd() / PAGE_BYTES) + 1;
  wasm.memory.grow(Math.max(0, pages - wasm.memory.buffer.byteLength / PAGE_BYTES));
  return { wasm, bytes: Buffer.from(wasm.memory.buffer) };
}
