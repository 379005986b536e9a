import { describe, expect, it } from 'vitest';
import { type ParsedPage, parsePage } from '../../lib/textparse/parse-page.ts';
import { SeriesCache } from '../../lib/textparse/series-cache.ts';
import { type CapturedPage, readCapturedPages } from './captures.ts';

const pages = readCapturedPages();
if (pages.length === 0) console.warn('SKIPPED: pages of real servers are not beside the project (shared/captures)');

const textPages = pages.filter(({ contentType }) => !contentType.includes('protobuf'));

describe('pages of real servers', () => {
  it.skipIf(pages.length === 0)(`are there${pages.length === 0 ? ' (skipped: no captures)' : ''}`, () => {
    expect(pages.length).toBeGreaterThan(30);
  });

  it.each(textPages)('$file: as many samples and types as lines', (page) => {
    const { counts, metadata } = parse(page);
    const lines = Buffer.from(page.body).toString().split('\n');
    expect(counts.samples).toBe(lines.filter((line) => line !== '' && !line.startsWith('#')).length);
    const typed = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
    expect(metadata.map(({ metricFamilyName }) => metricFamilyName)).toEqual(
      expect.arrayContaining([...new Set(typed)].map((name) => name?.replaceAll('"', ''))),
    );
    expect(counts.duplicates).toBe(0);
  });

  it.each(textPages)('$file: a simple reading by regular expressions agrees', (page) => {
    const isOpenMetrics = page.contentType.includes('openmetrics');
    const simple = [
      ...Buffer.from(page.body)
        .toString()
        .matchAll(/^[^#\n].*?(?=\n| # )/gm),
    ].map(([line]) => {
      const [, name = '', braces = '', value = '', timestamp] =
        /^([^{ ]*)(\{(?:"(?:[^"\\]|\\.)*"|[^"}])*\})? (\S+)(?: (\S+))?$/.exec(line) ?? [];
      const quotedName = /[{,]"([^"]*)"[,}]/.exec(braces)?.[1] ?? '';
      const labels = [...braces.matchAll(/([\w.]+|"[^"]*")="((?:[^"\\]|\\.)*)"/g)];
      const filled = labels.filter(([, , text]) => text !== '').length;
      const milliseconds = timestamp && Math.round(Number(timestamp) * (isOpenMetrics ? 1000 : 1));
      return { name: name || quotedName, labels: filled, value: number(value), milliseconds };
    });
    const parsed = parse(page).series.map(({ labels, value, timestamp }) => {
      return { name: labels.metricName, labels: labels.size - 1, value, milliseconds: timestamp };
    });
    expect(parsed).toEqual(simple);
  });

  it.each(pages)('$file: the same with a warm cache', (page) => {
    const cache = new SeriesCache();
    const cold = parse(page, cache);
    const warm = parse(page, cache);
    expect(warm).toEqual(cold);
    expect(warm.series.every(({ labels }, i) => labels === cold.series[i]?.labels)).toBe(true);
  });

  it.skipIf(pages.length === 0)('protobuf says the same as text of the same moment', () => {
    const find = (name: string) =>
      pages.find(({ file }) => file === `http-prometheus-2.42/${name}.body`) as CapturedPage;
    const names = (page: ParsedPage) => new Set(page.series.map(({ labels }) => labels.toString()));
    expect(names(parse(find('metrics_prometheus_protobuf')))).toEqual(names(parse(find('metrics_prometheus_text004'))));
    expect(names(parse(find('federate_protobuf')))).toEqual(names(parse(find('federate_up'))));
  });

  it.skipIf(pages.length === 0)('native histograms come out of protobuf', () => {
    const page = pages.find(({ file }) => file === 'http-prometheus-3.5/metrics_prom3_proto.body') as CapturedPage;
    const { series, counts } = parse(page);
    expect(counts.histograms).toBe(16);
    for (const { histogram } of series) {
      if (histogram === undefined || histogram.isFloat) continue;
      const deltas = [histogram.positiveDeltas, histogram.negativeDeltas];
      const observed = deltas.map((side) => side.reduce((sum, delta, i) => sum + delta * (side.length - i), 0));
      expect(observed.reduce((a, b) => a + b, histogram.zeroCount)).toBe(histogram.count);
    }
  });
});

function parse({ body, contentType }: CapturedPage, cache = new SeriesCache()): ParsedPage {
  return parsePage(body, { contentType, cache });
}

function number(text: string): number {
  return Number(text.replace(/Inf$/, 'Infinity'));
}
