import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { seriesIdentity } from '../../lib/storage/series-identity.ts';

describe('seriesIdentity', () => {
  it('is the documented hash, and never changes', () => {
    const digest = createHash('sha256').update('["__name__","up","job","api"]').digest();
    expect(seriesIdentity(Labels.from({ job: 'api', __name__: 'up' }))).toEqual({
      id: digest.subarray(0, 8).toString('hex'),
      high: digest.readUInt32BE(0),
      low: digest.readUInt32BE(4),
      check: digest.readUIntBE(8, 6),
    });
  });

  it('differs for label sets whose pairs only run together', () => {
    const text = fc.constantFrom('a', 'b', 'ab', '","', '\\', '\u{fffd}', '"');
    const labels = fc
      .dictionary(text, text, { noNullPrototype: true, maxKeys: 3 })
      .map((record) => Labels.from(record));
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        expect(seriesIdentity(a).id === seriesIdentity(b).id).toBe(a.equals(b));
      }),
      { numRuns: 1000 },
    );
  });
});
