import { getHeapStatistics } from 'node:v8';

const MIB = 1024 * 1024;

/**
 * Bytes that this function may use: what Lambda gives it, or less where V8 would stop before; on a laptop what V8 takes
 * for its heap.
 */
export function functionMemory(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const given = Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);
  const heap = getHeapStatistics().heap_size_limit;
  return given > 0 ? Math.min(given * MIB, heap) : heap;
}
