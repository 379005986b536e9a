import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../../lib/promql/functions/registry.ts';
import { callFunction, vector } from './call-function.ts';

describe('FUNCTIONS', () => {
  it('knows every function by its own name', () => {
    for (const [name, { signature }] of FUNCTIONS) expect(signature.name).toBe(name);
    expect(FUNCTIONS.size).toBe(90);
  });

  it('evaluates all but info(), which needs the store', () => {
    const broken = [...FUNCTIONS.keys()].filter((name) => evaluationFails(name));
    expect(broken).toEqual(['info']);
  });

  it('marks what needs the feature flag', () => {
    const experimental = [...FUNCTIONS.values()].filter(({ signature }) => signature.experimental);
    expect(experimental.map(({ signature }) => signature.name)).toContain('mad_over_time');
    expect(FUNCTIONS.get('rate')?.signature.experimental).toBe(false);
  });
});

/** Whether nothing stands behind a name; a complaint about the arguments shows that something does. */
function evaluationFails(name: string): boolean {
  try {
    callFunction(name, [vector({})]);
    return false;
  } catch (error) {
    return String(error).includes('cannot be evaluated as a function of columns');
  }
}
