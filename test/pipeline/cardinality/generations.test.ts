import { expect, it } from 'vitest';
import { generationMsOf, generationsOf } from '../../../lib/pipeline/cardinality/generations.ts';

const DAY = 86_400_000;

it('are as long as normalised samples of each tenant are kept', () => {
  const own = { normalised: { days: 7 }, derived: { days: 30 } };
  const generations = generationsOf({ normalised: { days: 2 }, derived: { days: 400 }, tenants: { shop: own } });
  const days = ['shop', 'other', 'constructor'].map((tenant) => generationMsOf(generations, tenant) / DAY);
  expect(days).toEqual([7, 2, 2]);
  expect(generationMsOf({ generationMs: DAY }, 'shop')).toBe(DAY);
});
