import { describe, expect, it } from 'vitest';
import { compareStrings } from '../../../lib/model/compare-strings.ts';
import { Labels } from '../../../lib/model/labels.ts';
import type { TimeSeries } from '../../../lib/prompb/write-request.ts';
import { SCRAPE_INTERVAL_MS, scrape, scrapeTimes } from '../../../local/demo/scrape.ts';
import { EXTERNAL_LABELS, SHOP } from '../../../local/demo/shop.ts';

const NOW = 1_795_361_600_000;

describe('the shop', () => {
  it.each(SHOP.map((target) => [target.labels['instance'], target] as const))(
    '%s shows a page as Prometheus sends it',
    (_, target) => {
      const page = scrape(target, EXTERNAL_LABELS, NOW);
      expect(page.length).toBeGreaterThan(15);
      const keys = page.map(({ labels }) => Labels.from(labels).key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { labels, samples } of page) {
        const names = labels.map(({ name }) => name);
        expect(names).toEqual([...names].sort(compareStrings));
        expect(labels.every(({ value }) => value !== '')).toBe(true);
        expect(valuesOf(labels)).toMatchObject({
          env: 'prod',
          job: target.labels['job'],
          instance: target.labels['instance'],
        });
        expect(samples).toEqual([{ timestamp: NOW, value: expect.any(Number) }]);
        expect(Number.isFinite(samples[0]?.value)).toBe(true);
      }
    },
  );

  it('has histograms whose buckets add up', () => {
    let checked = 0;
    for (const target of SHOP) {
      const page = scrape(target, EXTERNAL_LABELS, NOW);
      for (const { labels, metadata, samples } of page) {
        const { __name__: name = '', le, ...rest } = valuesOf(labels);
        if (metadata?.type !== 'histogram' || le !== '+Inf') continue;
        const family = name.replace(/_bucket$/, '');
        const buckets = page
          .filter((one) => valuesOf(one.labels)['__name__'] === name && sameBut(valuesOf(one.labels), rest, 'le'))
          .map((one) => [Number(valuesOf(one.labels)['le']?.replace('+Inf', 'Infinity')), one.samples[0]?.value ?? 0]);
        const sorted = [...buckets].sort(([a = 0], [b = 0]) => a - b).map(([, value]) => value ?? 0);
        expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
        expect(sampleOf(page, `${family}_count`, rest)).toBe(samples[0]?.value);
        expect(sampleOf(page, `${family}_sum`, rest)).toBeGreaterThanOrEqual(0);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(30);
  });

  it('counts up, and begins again only when a process starts again', () => {
    const resets = new Map<string, number>();
    for (const target of SHOP) {
      const before = new Map<string, number>();
      for (let time = NOW - 3600_000; time <= NOW; time += SCRAPE_INTERVAL_MS) {
        for (const { labels, metadata, samples } of scrape(target, EXTERNAL_LABELS, time)) {
          const name = valuesOf(labels)['__name__'] ?? '';
          if (metadata?.type !== 'counter' && !name.endsWith('_bucket')) continue;
          const key = Labels.from(labels).toString();
          const value = samples[0]?.value ?? 0;
          if (value < (before.get(key) ?? 0)) resets.set(key, (resets.get(key) ?? 0) + 1);
          before.set(key, value);
        }
      }
    }
    const restarted = new Set([...resets.keys()].map((key) => /instance="([^"]+)"/.exec(key)?.[1]));
    expect([...restarted]).toEqual(['cart-2:8080']);
    expect(Math.max(...resets.values())).toBe(3);
  });

  it('shows failures and client errors', () => {
    const statuses = new Set(
      SHOP.flatMap((target) => scrape(target, EXTERNAL_LABELS, NOW)).flatMap(({ labels }) => {
        const { status, code, status_code, http_response_status_code } = valuesOf(labels);
        return [status ?? code ?? status_code ?? http_response_status_code ?? ''];
      }),
    );
    for (const status of ['200', '201', '404', '500', '502', '503']) expect(statuses).toContain(status);
  });

  it('is the same at the same time, whoever asks', () => {
    for (const target of SHOP) {
      expect(scrape(target, EXTERNAL_LABELS, NOW)).toEqual(scrape(target, EXTERNAL_LABELS, NOW));
    }
  });
});

describe('scrapeTimes', () => {
  const [target] = SHOP;
  if (target === undefined) throw new Error('the shop is empty');

  it('are an interval apart, wherever one begins to count', () => {
    const times = scrapeTimes(target, NOW, NOW + 10 * SCRAPE_INTERVAL_MS);
    expect(times).toHaveLength(10);
    expect(new Set(times.map((time) => time % SCRAPE_INTERVAL_MS)).size).toBe(1);
    const pieces = [0, 1, 2, 3, 4].flatMap((index) =>
      scrapeTimes(target, NOW + index * 30_000, NOW + (index + 1) * 30_000),
    );
    expect(pieces).toEqual(times);
  });

  it('take the end and leave the beginning', () => {
    const [first = 0] = scrapeTimes(target, NOW, NOW + SCRAPE_INTERVAL_MS);
    expect(scrapeTimes(target, first, first)).toEqual([]);
    expect(scrapeTimes(target, first - 1, first)).toEqual([first]);
    expect(scrapeTimes(target, first, first + SCRAPE_INTERVAL_MS)).toEqual([first + SCRAPE_INTERVAL_MS]);
  });
});

function valuesOf(labels: TimeSeries['labels']): Record<string, string> {
  return Object.fromEntries(labels.map(({ name, value }) => [name, value]));
}

function sameBut(labels: Record<string, string>, wanted: Record<string, string>, left: string): boolean {
  const { __name__: _, [left]: __, ...rest } = labels;
  return JSON.stringify(rest) === JSON.stringify(wanted);
}

function sampleOf(page: readonly TimeSeries[], name: string, wanted: Record<string, string>): number | undefined {
  return page.find(({ labels }) => {
    const { __name__: metric, ...rest } = valuesOf(labels);
    return metric === name && JSON.stringify(rest) === JSON.stringify(wanted);
  })?.samples[0]?.value;
}
