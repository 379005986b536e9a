import { describe, expect, it } from 'vitest';
import { NO_ACCOUNT, parseIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import { envelop, intakeMessages } from '../../lib/pipeline/intake-messages.ts';
import { newTally } from '../../lib/storage/ledger.ts';

const ORIGIN = { id: 'scrape', tenant: 'shop', source: 'fed', plan: 'p1', receivedAt: 7 };
const ACCOUNT = { tally: { ...newTally(), accepted: 3 }, examples: [] };

describe('envelop', () => {
  it('numbers the parts, and gives the account to the first', () => {
    const bodies = [new Uint8Array([1]), new Uint8Array([2])];
    const [first, second] = envelop(ORIGIN, bodies, ACCOUNT);
    expect(first).toMatchObject({ envelope: { ...ORIGIN, id: 'scrape-0.2.03ebfc2d' }, body: bodies[0] });
    expect(parseIntakeAccount(first?.envelope.account ?? '')).toEqual(ACCOUNT);
    expect(second).toEqual({
      envelope: { ...ORIGIN, id: 'scrape-1.2.03ebfc2d', account: NO_ACCOUNT },
      body: bodies[1],
    });
  });
});

describe('intakeMessages', () => {
  it('gives one message where nothing is selected, for the account', () => {
    expect(intakeMessages(ORIGIN, [], ACCOUNT).map(({ envelope }) => envelope.id)).toEqual(['scrape-0']);
  });
});
