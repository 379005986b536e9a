import { describe, expect, it } from 'vitest';
import { LabelBuilder } from '../../lib/relabel/label-builder.ts';
import { series } from '../model/series.ts';

describe('LabelBuilder', () => {
  it('sets, overwrites and removes', () => {
    const builder = new LabelBuilder(series('x{a="1",b="2"}'));
    builder.set('a', '3');
    builder.set('b', '');
    builder.set('c', '4');
    expect([builder.get('a'), builder.get('b'), builder.get('c')]).toEqual(['3', '', '4']);
    expect(builder.labels()).toEqual(series('x{a="3",c="4"}'));
  });

  it('leaves the labels it began with alone, and returns them while nothing changed', () => {
    const base = series('x{a="1"}');
    const builder = new LabelBuilder(base);
    builder.set('a', '1');
    builder.set('none', '');
    expect(builder.labels()).toBe(base);
    builder.set('a', '2');
    expect(base.get('a')).toBe('1');
  });

  it('hands out entries that later changes do not touch', () => {
    const builder = new LabelBuilder(series('x{a="1"}'));
    const entries = builder.entries();
    builder.set('b', '2');
    expect(entries).toEqual([
      ['__name__', 'x'],
      ['a', '1'],
    ]);
  });
});
