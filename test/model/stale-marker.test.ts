import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStaleNaN, STALE_HIGH, STALE_LOW, STALE_NAN } from '../../lib/model/stale-marker.ts';

function fromBits(high: number, low: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, high);
  view.setUint32(4, low);
  return view.getFloat64(0);
}

describe('the stale marker', () => {
  it('has the bits of Prometheus', () => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, STALE_NAN);
    expect(view.getUint32(4)).toBe(0x00000002);
    expect(view.getUint32(0) & 0x7ff7ffff).toBe(0x7ff00000);
    expect(isStaleNaN(STALE_NAN)).toBe(true);
    expect(isStaleNaN(fromBits(STALE_HIGH, STALE_LOW))).toBe(true);
  });

  it('survives typed arrays', () => {
    expect(isStaleNaN(Float64Array.from([1, STALE_NAN])[1] as number)).toBe(true);
  });

  it('is no other number, and no other NaN', () => {
    fc.assert(fc.property(fc.double(), (value) => !isStaleNaN(value)));
    expect(isStaleNaN(Number.NaN)).toBe(false);
    expect(isStaleNaN(fromBits(0x7ff80000, 1))).toBe(false);
    expect(isStaleNaN(fromBits(0x7ff00000, 3))).toBe(false);
    expect(isStaleNaN(fromBits(0x7ff00001, 2))).toBe(false);
  });
});
