import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIntakeAccount, NO_ACCOUNT, parseIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import { newTally } from '../../lib/storage/ledger.ts';

const reasons = fc.dictionary(
  fc.stringMatching(/^[a-z_]{1,12}$/),
  fc.nat({ max: 1e6 }).map((n) => n + 1),
  { noNullPrototype: true },
);

describe('the intake account', () => {
  it('reads back what it wrote', () => {
    const tally = fc
      .record({ accepted: fc.nat(), selected: fc.nat(), refused: reasons, dropped: reasons, exemplars: fc.nat() })
      .map((counts) => ({ ...newTally(), ...counts }));
    const examples = fc.array(fc.record({ reason: fc.string(), series: fc.string(), detail: fc.string() }));
    fc.assert(
      fc.property(fc.record({ tally, examples }), (account) => {
        expect(parseIntakeAccount(formatIntakeAccount(account))).toEqual(account);
      }),
    );
  });

  it('says nothing of what is zero', () => {
    expect(formatIntakeAccount({ tally: newTally(), examples: [] })).toBe('{}');
    expect(formatIntakeAccount({ tally: { ...newTally(), accepted: 2 }, examples: [] })).toBe(
      '{"tally":{"accepted":2}}',
    );
  });

  it('is empty for all messages of a request but the first', () => {
    expect(parseIntakeAccount(NO_ACCOUNT)).toEqual({ tally: newTally(), examples: [] });
  });

  it.each(['', 'null', '{', '{"examples":1}'])('quotes what it cannot read: %s', (text) => {
    expect(() => parseIntakeAccount(text)).toThrow(`cannot read the intake account ${JSON.stringify(text)}`);
  });
});
