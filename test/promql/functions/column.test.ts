import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { ColumnBlock } from '../../../lib/promql/functions/column.ts';

describe('a block of columns', () => {
  it('hands out columns that share no cell, also beyond the number expected', () => {
    const block = new ColumnBlock(2, 3);
    const columns = [1, 2, 3, 4, 5].map((value) => {
      const column = block.next();
      for (let step = 0; step < 3; step++) column.setFloat(step, value);
      return column;
    });
    expect(columns.map(({ floats }) => [...floats])).toEqual([1, 2, 3, 4, 5].map((value) => [value, value, value]));
    expect(columns.every(({ kinds }) => kinds.every((kind) => kind === 1))).toBe(true);
  });

  it('expects at least one', () => {
    const column = new ColumnBlock(0, 2).next();
    column.setFloat(1, 7);
    expect([...column.kinds]).toEqual([0, 1]);
  });

  it('gives no series where nothing was set', () => {
    const column = new ColumnBlock(1, 2).next();
    expect(column.series(Labels.empty, false)).toBeUndefined();
    expect(column.toSeries(Labels.empty, false)).toEqual([]);
  });
});
