import { describe, expect, it } from 'vitest';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { apiOf, get, NOW } from './fixture.ts';

const HOUR = 3600_000;

describe('/api/v1/status/intake', () => {
  it('shows the accounts of the tenant within the window', async () => {
    const ledger = new MemoryLedger();
    const tally = { ...newTally(), accepted: 10, selected: 4, unselected: 6, dropped: { no_asserts_env: 1 } };
    const examples = [{ reason: 'no_asserts_env', series: 'up{job="a"}' }];
    await ledger.record('acme', [
      { id: 'in', source: 'prometheus', timestamp: NOW - HOUR + 1, tally, examples },
      { id: 'out', source: 'prometheus', timestamp: NOW - 2 * HOUR, tally, examples },
    ]);
    await ledger.record('other', [{ id: 'theirs', source: 'secret', timestamp: NOW, tally, examples }]);
    const response = await apiOf({ ledger }).fetch(get('/api/v1/status/intake'));
    expect(await response.json()).toEqual({
      status: 'success',
      data: {
        window: { mint: NOW - HOUR, maxt: NOW },
        plan: 'plan-1',
        sources: [{ source: 'prometheus', messages: 1, lastReceived: NOW - HOUR + 1, tally, examples }],
      },
    });
    const wide = await (await apiOf({ ledger }).fetch(get('/api/v1/status/intake?window=1d'))).json();
    expect(wide).toMatchObject({ data: { sources: [{ messages: 2, tally: { accepted: 20 } }] } });
  });

  it('has no sources where nothing came in', async () => {
    const response = await apiOf().fetch(get('/api/v1/status/intake?window=90'));
    expect(await response.json()).toMatchObject({ data: { window: { mint: NOW - 90_000 }, sources: [] } });
  });

  it.each([
    ['0', 'invalid parameter "window": must be above 0 and at most 7d, got 0'],
    ['-1', 'invalid parameter "window": must be above 0 and at most 7d, got -1'],
    ['8d', 'invalid parameter "window": must be above 0 and at most 7d, got 8d'],
    ['x', 'invalid parameter "window": cannot parse "x" to a valid duration'],
  ])('refuses a window of %s', async (window, error) => {
    const response = await apiOf().fetch(get(`/api/v1/status/intake?window=${window}`));
    expect([response.status, await response.json()]).toEqual([400, { status: 'error', errorType: 'bad_data', error }]);
  });
});
