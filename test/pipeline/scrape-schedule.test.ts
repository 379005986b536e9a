import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDue, scrapeTargets } from '../../lib/pipeline/scrape-schedule.ts';
import { sourceOf, tenantOf } from './scrape-fixture.ts';

describe('scrapeTargets', () => {
  it('names every server once, by tenant, source and URL', () => {
    const servers = ['http://a', 'http://b'];
    const tenants = [
      tenantOf(sourceOf(servers), sourceOf(servers, { name: 'two' })),
      { ...tenantOf(sourceOf(servers)), name: 'other' },
    ];
    const targets = scrapeTargets(tenants);
    expect(targets.map(({ server }) => server)).toEqual([...servers, ...servers, ...servers]);
    expect(new Set(targets.map(({ id }) => id)).size).toBe(6);
    expect(scrapeTargets(tenants).map(({ id }) => id)).toEqual(targets.map(({ id }) => id));
  });
});

describe('isDue', () => {
  const id = fc.stringMatching(/^[0-9a-f]{24}$/);

  it('is once in each interval, however the runs lie', () => {
    fc.assert(
      fc.property(
        id,
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 200 }),
        (target, seconds, steps) => {
          const interval = seconds * 1000;
          const one = { id: target, source: { interval } };
          let time = 1_700_000_000_000;
          let scrapes = 0;
          const start = time;
          for (const step of steps) {
            if (isDue(one, time, time + step)) scrapes++;
            time += step;
          }
          expect(scrapes).toBeLessThanOrEqual(Math.ceil((time - start) / interval));
          if (steps.every((step) => step <= interval))
            expect(scrapes).toBeGreaterThanOrEqual(Math.floor((time - start) / interval));
        },
      ),
    );
  });

  it('spreads servers with long intervals over the runs', () => {
    const targets = scrapeTargets([
      tenantOf(
        sourceOf(
          Array.from({ length: 600 }, (_, i) => `http://server-${i}`),
          { interval: 600_000 },
        ),
      ),
    ]);
    const time = 1_700_000_000_000;
    const due = Array.from(
      { length: 10 },
      (_, i) => targets.filter((one) => isDue(one, time + i * 60_000, time + (i + 1) * 60_000)).length,
    );
    expect(due.reduce((sum, count) => sum + count, 0)).toBe(600);
    expect(Math.max(...due)).toBeLessThan(100);
    expect(Math.min(...due)).toBeGreaterThan(30);
  });
});
