import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';
import { decodeLabelsBlock } from '../../lib/chunkenc/decode-labels-block.ts';
import { encodeLabelsBlock } from '../../lib/chunkenc/encode-labels-block.ts';
import { OpenLabelsBlock } from '../../lib/chunkenc/open-labels-block.ts';
import { Labels } from '../../lib/model/labels.ts';
import { Matcher } from '../../lib/model/matcher.ts';

const word = fc.constantFrom('a', 'b', 'up', 'ü', 'pod-1');
const labels = fc.dictionary(word, word, { maxKeys: 4 }).map((record) => Labels.from(record));
const matcher = fc
  .tuple(
    fc.constantFrom('=', '!=', '=~', '!~' as const),
    fc.oneof(word, fc.constant('absent')),
    fc.constantFrom('', 'a', 'b|up', '.+', 'pod-.*'),
  )
  .map(([type, name, value]) => new Matcher(type as '=', name, value));

describe('OpenLabelsBlock', () => {
  it('finds exactly the series that satisfy every matcher', () => {
    fc.assert(
      fc.property(fc.array(labels, { maxLength: 12 }), fc.array(matcher, { maxLength: 3 }), (series, matchers) => {
        const payload = encodeLabelsBlock(series);
        const block = new OpenLabelsBlock(payload);
        const found = block.select(matchers).map((place) => String(block.labels(place)));
        const expected = decodeLabelsBlock(payload).filter((one) => matchers.every((m) => m.matches(one.get(m.name))));
        expect(found).toEqual(expected.map(String));
        expect(block.size).toBe(series.length);
      }),
    );
  });

  it('keeps places beyond sixteen bits', () => {
    const series = Array.from({ length: 70_000 }, (_, i) => Labels.from({ __name__: 'up', pod: `p${i}` }));
    const block = new OpenLabelsBlock(encodeLabelsBlock(series));
    const [place = -1, ...others] = block.select([new Matcher('=', 'pod', 'p69999')]);
    expect([String(block.labels(place)), others]).toEqual(['up{pod="p69999"}', []]);
  });

  it('takes some tens of bytes for a series', () => {
    const series = Array.from({ length: 5000 }, (_, i) =>
      Labels.from({ __name__: `m${i % 50}`, job: 'j', pod: `p${i % 100}` }),
    );
    expect(new OpenLabelsBlock(encodeLabelsBlock(series)).bytes / series.length).toBeLessThan(60);
  });

  it('refuses damaged blocks', () => {
    const bytes = encodeLabelsBlock([Labels.from({ __name__: 'up' })]);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    expect(() => new OpenLabelsBlock(bytes)).toThrow(CorruptBlockError);
  });
});
