import { describe, expect, it } from 'vitest';
import { ExpositionLimitError, UnknownFormatError } from '../../lib/textparse/errors.ts';
import type { PageLimits } from '../../lib/textparse/page-limits.ts';
import { type ParsedPage, parsePage } from '../../lib/textparse/parse-page.ts';

const TEXT = 'text/plain; version=0.0.4';

describe('parsePage', () => {
  it('gives series, metadata and counts', () => {
    const page = parse('# TYPE a counter\na_total{b="c"} 1 5\n# HELP a Some.\nd 2\n# HELP a Others.\n');
    expect(page.series.map(({ labels, value, timestamp }) => [`${labels}`, value, timestamp])).toEqual([
      ['a_total{b="c"}', 1, 5],
      ['d', 2, undefined],
    ]);
    expect(page.metadata).toEqual([{ metricFamilyName: 'a', type: 'counter', help: 'Others.', unit: '' }]);
    expect(page.counts).toEqual({ samples: 2, histograms: 0, duplicates: 0, created: 0, longExemplars: 0 });
  });

  it('chooses the parser by the content type', () => {
    const page = Buffer.from('a 1 2\n# EOF\n');
    expect(parsePage(page, { contentType: TEXT }).series[0]?.timestamp).toBe(2);
    const contentType = 'application/openmetrics-text; version=1.0.0';
    expect(parsePage(page, { contentType }).series[0]?.timestamp).toBe(2000);
    expect(() => parsePage(page, { contentType: undefined })).toThrow(UnknownFormatError);
    expect(parsePage(page, { contentType: undefined, fallback: 'text' }).counts.samples).toBe(1);
  });

  it('keeps the first of a repeated series, however it is spelled, and counts the others', () => {
    const page = parse('a{b="1",c="2"} 1\na{c="2",b="1"} 2\na{ b="1", c="2", d="" } 3\na{b="1"} 4\n');
    expect(valuesOf(page)).toEqual([1, 4]);
    expect(page.counts).toMatchObject({ samples: 2, duplicates: 2 });
  });

  it('takes different timestamps of one series as different samples', () => {
    const page = parse('a 1 10\na 2 20\na 3 10\na 4 20\na 5\na 6\na 7 30\n');
    expect(valuesOf(page)).toEqual([1, 2, 5, 7]);
    expect(page.counts).toMatchObject({ samples: 4, duplicates: 3 });
  });
});

describe('the limits of a page', () => {
  const page = 'fine 1\nseries{name="a value",other="x"} 2\n';

  it.each<[Partial<PageLimits>, RegExp]>([
    [{ bodyBytes: 40 }, /the body has 42 bytes: more than the limit of 40 \(bodyBytes\)/],
    [{ samples: 1 }, /line 2, column 1: the page has 2 samples or more: more than the limit of 1 \(samples\)/],
    [{ labels: 2 }, /line 2, column 1: the series has 3 labels: more than the limit of 2 \(labels\)/],
    [{ nameBytes: 4 }, /line 2, column 1: the name "other" has 5 bytes: more than the limit of 4 \(nameBytes\)/],
    [{ valueBytes: 6 }, /line 2, column 1: the value of label "name" has 7 bytes: more .* 6 \(valueBytes\)/],
  ])('%j is kept', (limits, complaint) => {
    const exceed = () => parse(page, limits);
    expect(exceed).toThrow(ExpositionLimitError);
    expect(exceed).toThrow(complaint);
    const [[limit, bound] = ['', 0]] = Object.entries(limits);
    expect(parse(page, { [limit]: Number(bound) + 2 }).counts.samples).toBe(2);
  });

  it('counts the metric name as a name, and bytes as UTF-8 after their escapes', () => {
    expect(() => parse('long_name 1', { nameBytes: 8 })).toThrow(/the name "long_name" has 9 bytes/);
    expect(() => parse('a{b="éé"} 1', { valueBytes: 3 })).toThrow(/4 bytes/);
    expect(parse('a{b="\\n\\n\\n"} 1', { valueBytes: 3 }).counts.samples).toBe(1);
  });

  it('names the limit', () => {
    const limit = attempt(() => parse(page, { labels: 1 }));
    expect(limit).toBeInstanceOf(ExpositionLimitError);
    expect((limit as ExpositionLimitError).limit).toBe('labels');
  });

  it('does not count repeated samples', () => {
    expect(parse('a 1\na 1\na 1\n', { samples: 1 }).counts).toMatchObject({ samples: 1, duplicates: 2 });
  });
});

function parse(text: string, limits: Partial<PageLimits> = {}): ParsedPage {
  return parsePage(Buffer.from(text), { contentType: TEXT, limits });
}

function valuesOf({ series }: ParsedPage): number[] {
  return series.map(({ value }) => value);
}

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
