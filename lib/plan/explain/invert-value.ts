import { isStaleNaN } from '../../model/stale-marker.ts';
import type { MappingStep } from '../plan.ts';

/** A raw value that a mapping turns into the one that is stored. */
export interface RawValue {
  readonly value: number;
  /** Whether mapping it gives the stored value to the last bit; else it is the nearest that arithmetic finds. */
  readonly exact: boolean;
}

/** How many neighbours (units in the last place) of the computed value are tried, to each side. */
const NEIGHBOURS = 4;

/**
 * What a value was before its mapping. Several values may become one by rounding: of those the shortest to write is
 * taken, which is what exporters send. Stale markers and values that are not scaled are themselves.
 */
export function invertValue(steps: readonly MappingStep[], map: (value: number) => number, stored: number): RawValue {
  const scales = steps.filter((step) => 'operand' in step);
  if (scales.length === 0 || isStaleNaN(stored)) return { value: stored, exact: true };
  let raw = stored;
  for (const { kind, operand } of scales.toReversed()) raw = kind === 'multiply' ? raw / operand : raw * operand;
  const exact = neighbours(raw).filter((value) => Object.is(map(value), stored));
  const [best] = exact.sort((a, b) => String(a).length - String(b).length);
  return best === undefined ? { value: raw, exact: false } : { value: best, exact: true };
}

function neighbours(value: number): number[] {
  const found = [value, Number(value.toPrecision(15)), Number(value.toPrecision(12))];
  if (!Number.isFinite(value) || value === 0) return found;
  const column = new Float64Array([value]);
  const bits = new BigInt64Array(column.buffer);
  const start = bits[0] as bigint;
  for (let i = 1; i <= NEIGHBOURS; i++) {
    for (const shift of [BigInt(i), BigInt(-i)]) {
      bits[0] = start + shift;
      found.push(column[0] as number);
    }
  }
  return found;
}
