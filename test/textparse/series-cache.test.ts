import { describe, expect, it } from 'vitest';
import type { PageParser, PageSeries, ParseOptions } from '../../lib/textparse/page-parser.ts';
import { SeriesCache } from '../../lib/textparse/series-cache.ts';
import { TextParser } from '../../lib/textparse/text-parser.ts';

describe('a series cache', () => {
  it('gives the same object for the same series on every page', () => {
    const cache = new SeriesCache();
    const [first] = read('a{b="c"} 1\nd 2\n', { cache });
    const [again] = read('a{b="c"} 3 4\nd 5\n', { cache });
    expect(again).toEqual(first);
    expect(again?.every((series, i) => series === first?.[i])).toBe(true);
    expect(cache.size).toBe(2);
  });

  it('knows a series by any spelling', () => {
    const cache = new SeriesCache();
    const [first = []] = read('a{b="c",d="e"} 1\n', { cache });
    const [other = []] = read('a { d="e", b="c" } 2\n', { cache });
    expect(other[0]).toBe(first[0]);
  });

  it('finds its way when series come, go and change places', () => {
    const cache = new SeriesCache();
    const pages = ['a 1\nb 2\nc 3\n', 'a 1\nc 3\n', 'c 1\nb 2\na 3\nd 4\n', 'd 1\nc 2\nab 3\na 4\n', 'a 1\nb 2\nc 3\n'];
    for (const page of pages) {
      const [, names, values] = read(page, { cache });
      expect(names.map((name, i) => `${name} ${values[i]}\n`).join('')).toBe(page);
    }
  });

  it('does not take the beginning of a series for the whole', () => {
    const cache = new SeriesCache();
    read('up 1\n', { cache });
    expect(read('up{a="b"} 1\n', { cache })[1]).toEqual(['up{a="b"}']);
    read('up 1\n', { cache });
    expect(read('up {a="c"} 1\n', { cache })[1]).toEqual(['up{a="c"}']);
    read('up 1\n', { cache });
    expect(read('up_time 1\n', { cache })[1]).toEqual(['up_time']);
    read('up 1\n', { cache });
    expect(() => read('up\n', { cache })).toThrow(/expected a value/);
  });

  it('tells equal bytes under different types apart', () => {
    const cache = new SeriesCache();
    const line = 'a_bucket{le="1"} 1\n';
    const typed = `# TYPE a histogram\n${line}`;
    for (let i = 0; i < 2; i++) {
      expect(read(line, { cache })[1]).toEqual(['a_bucket{le="1"}']);
      expect(read(typed, { cache })[1]).toEqual(['a_bucket{le="1.0"}']);
    }
  });

  it('forgets what other limits or another normalisation let through', () => {
    const cache = new SeriesCache();
    const page = '# TYPE a histogram\na_bucket{le="1"} 1\n';
    read(page, { cache });
    expect(() => read(page, { cache, limits: { labels: 1 } })).toThrow(/2 labels/);
    expect(read(page, { cache, normalizesBounds: false })[1]).toEqual(['a_bucket{le="1"}']);
    expect(read(page, { cache })[1]).toEqual(['a_bucket{le="1.0"}']);
  });

  it('forgets everything when it is full', () => {
    const cache = new SeriesCache(3);
    read('a 1\nb 1\nc 1\nd 1\n', { cache });
    expect(cache.size).toBe(4);
    read('e 1\n', { cache });
    expect(cache.size).toBe(1);
  });

  it('forgets when it holds far more than pages have', () => {
    const cache = new SeriesCache();
    const page = (round: number) => Array.from({ length: 6000 }, (_, i) => `a{i="${round}-${i}"} 1\n`).join('');
    for (let round = 0; round < 10; round++) read(page(round), { cache });
    expect(cache.size).toBeLessThan(6000 * 6);
  });

  it('does not let two pages use it at once', () => {
    const cache = new SeriesCache();
    const older = new TextParser(Buffer.from('a 1\nb 1\n'), { cache });
    older.next();
    const newer = new TextParser(Buffer.from('a 1\n'), { cache });
    expect(newer.next()).toBe('sample');
    expect(() => older.next()).toThrow(/BUG: another page/);
  });

  it('counts repetitions page by page', () => {
    const cache = new SeriesCache();
    for (let i = 0; i < 3; i++) {
      const parser = new TextParser(Buffer.from('a 1\na 2\nb{c="d"} 3\n'), { cache });
      while (parser.next() !== undefined);
      expect(parser.counts).toMatchObject({ samples: 2, duplicates: 1 });
    }
  });
});

function read(page: string, options: ParseOptions): [series: PageSeries[], names: string[], values: number[]] {
  const parser: PageParser = new TextParser(Buffer.from(page), options);
  const series: PageSeries[] = [];
  const values: number[] = [];
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    if (kind !== 'sample') continue;
    series.push(parser.series);
    values.push(parser.value);
  }
  return [series, series.map(({ labels }) => `${labels}`), values];
}
