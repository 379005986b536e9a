import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REGISTER_BYTES, type Registers, RegisterTooLargeError } from '../../lib/storage/registers.ts';

export type RegistersFactory = () => { readonly open: () => Registers };

const AREA = 'leaders';
const DAYS = 2;

let tenants = 0;
function newTenant(): string {
  return `registers-${process.pid}-${tenants++}`;
}

/** The contract of registers. Every adapter passes it. */
export function registersSuite(name: string, factory: RegistersFactory): void {
  describe(`${name}: registers`, () => {
    it('have nothing before the first value', async () => {
      const { open } = factory();
      const tenant = newTenant();
      expect(await open().read(tenant, { area: AREA, name: 'a' })).toBeUndefined();
      expect(await open().list(tenant, AREA)).toEqual([]);
    });

    it('give back what was put, under names of any kind', async () => {
      const { open } = factory();
      const values = fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(values, fc.jsonValue(), async (names, value) => {
          const tenant = newTenant();
          const json = JSON.parse(JSON.stringify(value));
          const long = names.map((one) => one + 'x'.repeat(600));
          for (const one of [...names, ...long]) {
            expect(await open().replace(tenant, { area: AREA, name: one }, 0, [one, json], DAYS)).toBe(true);
          }
          for (const one of [...names, ...long]) {
            expect(await open().read(tenant, { area: AREA, name: one })).toEqual({ revision: 1, value: [one, json] });
          }
          const listed = (await open().list(tenant, AREA)).map((found) => found.name);
          expect(listed.sort()).toEqual([...names, ...long].sort());
        }),
        { numRuns: 20 },
      );
    });

    it('let one of several that began at one revision win', async () => {
      const { open } = factory();
      const [tenant, register] = [newTenant(), { area: AREA, name: 'x' }];
      for (const revision of [0, 1, 2]) {
        const won = await Promise.all(
          Array.from({ length: 5 }, (_, i) => open().replace(tenant, register, revision, { revision, i }, DAYS)),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        const value = { revision, i: won.indexOf(true) };
        expect(await open().read(tenant, register)).toEqual({ revision: revision + 1, value });
      }
    });

    it('refuse revisions that were never there, or are no more', async () => {
      const { open } = factory();
      const [tenant, register] = [newTenant(), { area: AREA, name: 'x' }];
      expect(await open().replace(tenant, register, 7, 'never', DAYS)).toBe(false);
      expect(await open().read(tenant, register)).toBeUndefined();
      await open().replace(tenant, register, 0, 'first', DAYS);
      expect(await open().replace(tenant, register, 0, 'again', DAYS)).toBe(false);
      expect(await open().replace(tenant, register, 2, 'ahead', DAYS)).toBe(false);
      expect(await open().read(tenant, register)).toEqual({ revision: 1, value: 'first' });
    });

    it('keep tenants, areas and names apart', async () => {
      const { open } = factory();
      const [a, b] = [newTenant(), newTenant()];
      await open().replace(a, { area: AREA, name: 'x' }, 0, 1, DAYS);
      expect(await open().read(b, { area: AREA, name: 'x' })).toBeUndefined();
      expect(await open().read(a, { area: 'others', name: 'x' })).toBeUndefined();
      expect(await open().read(a, { area: AREA, name: 'x ' })).toBeUndefined();
      expect(await open().list(a, 'others')).toEqual([]);
    });

    it('refuse what is too large, and say so', async () => {
      const { open } = factory();
      const [tenant, register] = [newTenant(), { area: AREA, name: 'x' }];
      const large = 'ü'.repeat(MAX_REGISTER_BYTES / 2);
      await expect(open().replace(tenant, register, 0, large, DAYS)).rejects.toThrow(RegisterTooLargeError);
      expect(await open().replace(tenant, register, 0, large.slice(2), DAYS)).toBe(true);
    });
  });
}
