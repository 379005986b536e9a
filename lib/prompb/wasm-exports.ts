import { WASM_MODULE } from './wasm-module.ts';

/** What `wasm/index.ts` exports; there is said what each does. */
export interface WasmExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  prepare(generationBytes: number, seedLow: number, seedHigh: number, hashMask: number): number;
  compressedAt(): number;
  maxCompressed(): number;
  scratchAt(): number;
  maxScratch(): number;
  limit(labels: number, name: number, value: number): void;
  open(length: number, isV2: boolean, mint: number, maxt: number): number;
  uncompress(length: number, maxBytes: number): number;
  uncompressedAt(): number;
  uncompressedEnd(): number;
  next(): number;
  skip(): void;
  itemAt(): number;
  itemEnd(): number;
  symbolCount(): number;
  requestSymbol(index: number): number;
  isPlain(): number;
  nameAt(): number;
  nameLength(): number;
  disuseName(): void;
  wantName(): number;
  internSeries(): number;
  refsAt(): number;
  textAt(symbol: number): number;
  textLength(symbol: number): number;
  rememberUnselected(): number;
  rememberSelected(refs: number): number;
  rememberSelectedAs(isV2: boolean, length: number): number;
  selected(): number;
  unselected(): number;
  metadata(): number;
  isNamed(length: number): number;
  close(): number;
  turns(): number;
}

/** WebAssembly's memory grows by pages. */
export const PAGE_BYTES = 65_536;

/** As much of JavaScript's WebAssembly as is used here: its types come with the DOM's, which a server has no use for. */
interface WebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WebAssembly };
let module: object | undefined;

/** A new instance with a memory of its own. The module is compiled when it is asked for first. */
export function instantiateWasm(): WasmExports {
  module ??= new wasm.Module(Buffer.from(WASM_MODULE, 'base64'));
  return new wasm.Instance(module, {}).exports as WasmExports;
}
