import type { FunctionImplementation, PromqlFunction } from '../function-call.ts';
import { ABSENT_FUNCTIONS } from './absent.ts';
import { CHANGE_FUNCTIONS } from './changes.ts';
import { DATE_FUNCTIONS } from './dates.ts';
import { EXTREME_FUNCTIONS } from './extremes.ts';
import { HISTOGRAM_FUNCTIONS } from './histogram-functions.ts';
import { INSTANT_RATE_FUNCTIONS } from './instant-rate.ts';
import { LABEL_FUNCTIONS } from './label-functions.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { OVER_TIME_FUNCTIONS } from './over-time.ts';
import { RATE_FUNCTIONS } from './rate.ts';
import { SCALAR_FUNCTIONS } from './scalars.ts';
import { SIGNATURES } from './signatures.ts';
import { SORT_FUNCTIONS } from './sorting.ts';
import { SPREAD_FUNCTIONS } from './spread.ts';
import { TOTAL_FUNCTIONS } from './totals.ts';
import { TREND_FUNCTIONS } from './trend.ts';

const FAMILIES: readonly ReadonlyMap<string, FunctionImplementation>[] = [
  ABSENT_FUNCTIONS,
  CHANGE_FUNCTIONS,
  DATE_FUNCTIONS,
  EXTREME_FUNCTIONS,
  HISTOGRAM_FUNCTIONS,
  INSTANT_RATE_FUNCTIONS,
  LABEL_FUNCTIONS,
  MATH_FUNCTIONS,
  OVER_TIME_FUNCTIONS,
  RATE_FUNCTIONS,
  SCALAR_FUNCTIONS,
  SORT_FUNCTIONS,
  SPREAD_FUNCTIONS,
  TOTAL_FUNCTIONS,
  TREND_FUNCTIONS,
];

const IMPLEMENTATIONS: ReadonlyMap<string, FunctionImplementation> = new Map(FAMILIES.flatMap((family) => [...family]));

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
