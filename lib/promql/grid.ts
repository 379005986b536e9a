import type { Grid } from './value.ts';

/** The times `start`, `start + step` … up to `end`, ms; none where `end` lies before `start`. */
export function makeGrid(start: number, end: number, step: number): Grid {
  if (end < start) return { start, end, step, length: 0 };
  return { start, end, step, length: step > 0 ? Math.floor((end - start) / step) + 1 : 1 };
}

/** The first step of a grid alone. */
export function firstStep(grid: Grid): Grid {
  return { start: grid.start, end: grid.start, step: grid.step, length: Math.min(grid.length, 1) };
}
