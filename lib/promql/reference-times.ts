import type { TimeModifiers } from './ast.ts';
import type { Grid } from './value.ts';

/** Where a selector or subquery looks at each step of a grid, ms: `@` replaces the step's time, `offset` shifts it. */
export function referenceTimes(modifiers: TimeModifiers, grid: Grid): Float64Array {
  const times = new Float64Array(grid.length);
  for (let i = 0; i < times.length; i++) times[i] = referenceTime(modifiers, grid.start + i * grid.step);
  return times;
}

export function referenceTime({ timestamp, startOrEnd, offset }: TimeModifiers, time: number): number {
  if (startOrEnd !== undefined) throw new Error(`BUG: @ ${startOrEnd}() was not resolved before evaluation`);
  return (timestamp ?? time) - offset;
}
