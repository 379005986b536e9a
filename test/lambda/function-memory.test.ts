import { getHeapStatistics } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { functionMemory } from '../../lib/lambda/function-memory.ts';

const MIB = 1024 * 1024;
const HEAP = getHeapStatistics().heap_size_limit;

describe('functionMemory', () => {
  it('is what Lambda gives', () => {
    expect(functionMemory({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256' })).toBe(256 * MIB);
  });

  it.each([{}, { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '' }, { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '10000000' }])(
    'is what V8 takes where that is less, or nothing is said: %j',
    (env) => expect(functionMemory(env)).toBe(HEAP),
  );
});
