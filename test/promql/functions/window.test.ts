import { expect, it } from 'vitest';
import { Window } from '../../../lib/promql/functions/window.ts';

it('holds the samples of a left-open interval, forwards and back', () => {
  const window = new Window(Float64Array.of(10, 20, 30, 40));
  const at = (start: number, end: number) => {
    window.moveTo(start, end);
    return [window.first, window.last];
  };
  expect(at(0, 5)).toEqual([0, 0]);
  expect(at(0, 10)).toEqual([0, 1]);
  expect(at(10, 30)).toEqual([1, 3]);
  expect(at(35, 36)).toEqual([3, 3]);
  expect(at(20, 100)).toEqual([3, 4]);
  expect(at(0, 20)).toEqual([0, 2]);
});
