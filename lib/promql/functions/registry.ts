import type { FunctionImplementation, PromqlFunction } from '../function-call.ts';
import { SIGNATURES } from './signatures.ts';

const IMPLEMENTATIONS: ReadonlyMap<string, FunctionImplementation> = new Map();

/** Every function by name. `info` has a signature only: it needs the store, so the engine evaluates it itself. */
export const FUNCTIONS: ReadonlyMap<string, PromqlFunction> = new Map(
  [...SIGNATURES].map(([name, signature]) => [name, { signature, evaluate: implementation(name) }]),
);

function implementation(name: string): FunctionImplementation {
  return (
    IMPLEMENTATIONS.get(name) ??
    (() => {
      throw new Error(`BUG: ${name}() cannot be evaluated as a function of columns`);
    })
  );
}
