import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countEvents, drift, meanLatency, shareWithin, spread, type Traffic } from '../../../local/demo/traffic.ts';

const DAY = 86_400;
const START = 1_790_000_000;

const anyTraffic: fc.Arbitrary<Traffic> = fc.record({
  rate: fc.double({ min: 0.001, max: 100, noNaN: true }),
  wave: fc.record({
    periodSeconds: fc.integer({ min: 60, max: DAY }),
    depth: fc.double({ min: 0, max: 1, noNaN: true }),
    phase: fc.double({ min: 0, max: 7, noNaN: true }),
  }),
  burst: fc.record({
    everySeconds: fc.integer({ min: 600, max: 3600 }),
    forSeconds: fc.integer({ min: 1, max: 600 }),
    offsetSeconds: fc.integer({ min: 0, max: 3600 }),
    rate: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
});

describe('countEvents', () => {
  it('never goes back', () => {
    const times = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(anyTraffic, times, (traffic, gaps) => {
        let time = START;
        let before = 0;
        for (const gap of gaps) {
          time += gap;
          const events = countEvents(traffic, START, time);
          expect(events).toBeGreaterThanOrEqual(before);
          before = events;
        }
      }),
    );
  });

  it('counts a steady rate', () => {
    expect(countEvents({ rate: 2.5 }, START, START + 100)).toBe(250);
    expect(countEvents({ rate: 2.5 }, START, START)).toBe(0);
  });

  it('swings with a wave and is even again after a period', () => {
    const traffic = { rate: 1, wave: { periodSeconds: 400, depth: 1, phase: 0 } };
    expect(Math.abs(countEvents(traffic, 400_000, 400_400) - 400)).toBeLessThanOrEqual(1);
    const [first, second] = [countEvents(traffic, 400_000, 400_200), countEvents(traffic, 400_200, 400_400)];
    // Half a period of 1 + sin is 200 ± 400/π.
    expect([first, second]).toEqual([327, 72]);
  });

  it('adds bursts for as long as they overlap', () => {
    const burst = { everySeconds: 100, forSeconds: 10, offsetSeconds: 30, rate: 5 };
    const count = (start: number, end: number) => countEvents({ rate: 0, burst }, start, end);
    expect(count(1000, 1030)).toBe(0);
    expect(count(1030, 1034)).toBe(20);
    expect(count(1035, 1100)).toBe(25);
    expect(count(1000, 2000)).toBe(500);
  });
});

describe('latency', () => {
  const latency = { medianSeconds: 0.1, sigma: 0.6 };

  it('has half of the requests within its median, and all within infinity', () => {
    expect(shareWithin(latency, 0.1)).toBeCloseTo(0.5, 6);
    expect(shareWithin(latency, Number.POSITIVE_INFINITY)).toBe(1);
    // One and two standard deviations of a normal distribution.
    expect(shareWithin(latency, 0.1 * Math.exp(0.6))).toBeCloseTo(0.8413, 3);
    expect(shareWithin(latency, 0.1 * Math.exp(1.2))).toBeCloseTo(0.9772, 3);
  });

  it('grows with the bound', () => {
    const second = fc.double({ min: 1e-6, max: 1000, noNaN: true });
    fc.assert(
      fc.property(second, second, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(shareWithin(latency, less)).toBeLessThanOrEqual(shareWithin(latency, more));
      }),
    );
  });

  it('has a mean above its median', () => {
    expect(meanLatency(latency)).toBeCloseTo(0.1 * Math.exp(0.18), 12);
  });
});

it('spread is in [0, 1) and differs between texts', () => {
  const values = Array.from({ length: 200 }, (_, index) => spread(`cart-${index}`));
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(new Set(values).size).toBeGreaterThan(195);
  expect(spread('cart-1')).toBe(spread('cart-1'));
});

it('drift stays between its bounds', () => {
  for (let time = START; time < START + 10_000; time += 37) {
    const value = drift('memory', time, 10, 20);
    expect(value).toBeGreaterThanOrEqual(10);
    expect(value).toBeLessThanOrEqual(20);
  }
});
