import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLabels, isLegacyLabelName, isLegacyMetricName, Labels } from '../../lib/model/labels.ts';

const dictionary = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
  { maxKeys: 6 },
);

describe('Labels', () => {
  it('sorts, drops empty values, and lets the last of a repeated name win', () => {
    const labels = Labels.from([
      { name: 'b', value: '1' },
      { name: 'a', value: '2' },
      { name: 'b', value: '3' },
      { name: 'c', value: '' },
    ]);
    expect(labels.pairs).toEqual(['a', '2', 'b', '3']);
    expect(labels.size).toBe(2);
  });

  it('answers for absent labels with the empty string', () => {
    expect(Labels.empty.get('a')).toBe('');
    expect(Labels.from({ a: '1' }).has('a')).toBe(true);
    expect(Labels.empty.metricName).toBe('');
  });

  it('has equal keys for equal sets only', () => {
    fc.assert(
      fc.property(dictionary, dictionary, (a, b) => {
        const [x, y] = [Labels.from(a), Labels.from(b)];
        expect(x.key === y.key).toBe(JSON.stringify(x.pairs) === JSON.stringify(y.pairs));
        expect(x.equals(y)).toBe(x.key === y.key);
        expect(Labels.from(x.toJSON()).equals(x)).toBe(true);
      }),
    );
    expect(Labels.from({ a: '1', b: '2' }).key).not.toBe(Labels.from({ a: '1b2' }).key);
  });

  it('changes into new sets and never itself', () => {
    const labels = Labels.from({ __name__: 'x', a: '1', b: '2' });
    expect(labels.with({ a: '', c: '3' }).toJSON()).toEqual({ __name__: 'x', b: '2', c: '3' });
    expect(labels.without('a', 'b').toJSON()).toEqual({ __name__: 'x' });
    expect(labels.keep(new Set(['a', 'z'])).toJSON()).toEqual({ a: '1' });
    expect(labels.withoutMetricName().toJSON()).toEqual({ a: '1', b: '2' });
    expect(labels.toJSON()).toEqual({ __name__: 'x', a: '1', b: '2' });
    expect(labels.without('z')).toBe(labels);
  });

  it('stays sorted and free of empty values whatever is set, and keeps exactly what a filter wants', () => {
    fc.assert(
      fc.property(dictionary, dictionary, (before, changes) => {
        const labels = Labels.from(before);
        expect(labels.with(changes).pairs).toEqual(Labels.from({ ...before, ...changes }).pairs);
        const rest = Object.fromEntries(Object.entries(before).filter(([name]) => !(name in changes)));
        expect(labels.filter((name) => !(name in changes)).pairs).toEqual(Labels.from(rest).pairs);
      }),
    );
  });

  it('prints series as people write them', () => {
    expect(String(Labels.from({ __name__: 'up' }))).toBe('up');
    expect(String(Labels.empty)).toBe('{}');
    expect(String(Labels.from({ __name__: 'up', job: 'a"b', 'x.y': '1' }))).toBe('up{job="a\\"b", "x.y"="1"}');
    expect(String(Labels.from({ __name__: 'http.requests', job: 'a' }))).toBe('{"http.requests", job="a"}');
  });

  it('iterates in order', () => {
    expect([...Labels.from({ b: '2', a: '1' })]).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ]);
  });
});

describe('compareLabels', () => {
  it('is a total order that agrees with equality', () => {
    fc.assert(
      fc.property(dictionary, dictionary, (a, b) => {
        const [x, y] = [Labels.from(a), Labels.from(b)];
        expect(Math.sign(compareLabels(x, y)) + Math.sign(compareLabels(y, x))).toBe(0);
        expect(compareLabels(x, y) === 0).toBe(x.equals(y));
      }),
    );
    expect(compareLabels(Labels.from({ a: '1' }), Labels.from({ a: '1', b: '2' }))).toBeLessThan(0);
  });
});

describe('legacy names', () => {
  it.each([
    ['a:b_1', true, false],
    ['_x', true, true],
    ['1a', false, false],
    ['', false, false],
    ['a.b', false, false],
    ['a\n', false, false],
  ])('%j: metric %s, label %s', (name, metric, label) => {
    expect([isLegacyMetricName(name), isLegacyLabelName(name)]).toEqual([metric, label]);
  });
});
