import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS, type Tenant } from '../../lib/context/tenant.ts';
import { RateLimits } from '../../lib/pipeline/rate-limit.ts';

describe('RateLimits', () => {
  it('lets in ten seconds of samples at once, and then asks to wait', () => {
    const { rates, clock } = limits();
    const tenant = tenantOf(100);
    rates.charge(tenant, 999);
    expect(rates.wait(tenant)).toBe(0);
    rates.charge(tenant, 1);
    expect(rates.wait(tenant)).toBe(1);
    clock.now += 10;
    expect(rates.wait(tenant)).toBe(0);
  });

  it('takes a request that is larger than the bucket, and makes up for it afterwards', () => {
    const { rates, clock } = limits();
    const tenant = tenantOf(100);
    rates.charge(tenant, 3000);
    expect(rates.wait(tenant)).toBe(21);
    clock.now += 20_000;
    expect(rates.wait(tenant)).toBe(1);
    clock.now += 1000;
    expect(rates.wait(tenant)).toBe(0);
  });

  it('never asks for more than half a minute', () => {
    const { rates } = limits();
    const tenant = tenantOf(1);
    rates.charge(tenant, 1_000_000);
    expect(rates.wait(tenant)).toBe(30);
  });

  it('gives back what could not be taken, and no more than fits', () => {
    const { rates } = limits();
    const tenant = tenantOf(100);
    rates.charge(tenant, 1000);
    rates.charge(tenant, -1000);
    expect(rates.wait(tenant)).toBe(0);
    rates.charge(tenant, -5000);
    rates.charge(tenant, 1000);
    expect(rates.wait(tenant)).toBe(1);
  });

  it('keeps tenants apart, also those of one name', () => {
    const { rates } = limits();
    const [noisy, quiet] = [tenantOf(100), tenantOf(100)];
    rates.charge(noisy, 100_000);
    expect([rates.wait(noisy), rates.wait(quiet)]).toEqual([30, 0]);
  });

  it('does not limit who has no limit', () => {
    const { rates } = limits();
    const tenant = tenantOf(undefined);
    rates.charge(tenant, 1e12);
    expect(rates.wait(tenant)).toBe(0);
  });

  it('survives a clock that goes back', () => {
    const { rates, clock } = limits();
    const tenant = tenantOf(100);
    rates.charge(tenant, 1100);
    clock.now -= 3_600_000;
    expect(rates.wait(tenant)).toBe(2);
    clock.now += 1010;
    expect(rates.wait(tenant)).toBe(0);
  });

  it('never takes more than rate, burst and one request over any time, and always lets the patient in', () => {
    const steps = fc.array(fc.record({ ms: fc.nat(5000), samples: fc.integer({ min: 1, max: 5000 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 1000 }), (sent, rate) => {
        const { rates, clock } = limits();
        const tenant = tenantOf(rate);
        const begin = clock.now;
        let taken = 0;
        for (const { ms, samples } of sent) {
          clock.now += ms;
          if (rates.wait(tenant) > 0) continue;
          rates.charge(tenant, samples);
          taken += samples;
          expect(taken).toBeLessThanOrEqual(((clock.now - begin) / 1000 + 10) * rate + samples + 1e-6);
        }
        clock.now += (taken / rate) * 1000 + 1;
        expect(rates.wait(tenant)).toBe(0);
      }),
    );
  });
});

function limits() {
  const clock = { now: 1_795_000_000_000 };
  return { clock, rates: new RateLimits(() => clock.now) };
}

function tenantOf(rate: number | undefined): Tenant {
  const limits = { ...DEFAULT_INTAKE_LIMITS, ...(rate === undefined ? {} : { maxSamplesPerSecond: rate }) };
  return { name: 'acme', tokens: [], sources: [], limits };
}
