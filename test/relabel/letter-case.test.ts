import { describe, expect, it } from 'vitest';
import { lowerCase, upperCase } from '../../lib/relabel/letter-case.ts';

describe('letter case as in Go', () => {
  it.each([
    ['İzmir ΑΣ ÄÖ', 'izmir ασ äö'],
    ['ǅ', 'ǆ'],
  ])('lower: %s', (text, expected) => expect(lowerCase(text)).toBe(expected));

  it.each([
    ['straße aß', 'STRAßE Aß'],
    ['ǆ ﬁ σς', 'Ǆ ﬁ ΣΣ'],
  ])('upper: %s', (text, expected) => expect(upperCase(text)).toBe(expected));
});
