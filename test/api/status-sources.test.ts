import { describe, expect, it } from 'vitest';
import { DEFAULT_SCOPE, type Source, type Tenant } from '../../lib/context/tenant.ts';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { apiOf, get, NOW, tenantWithTokens } from './fixture.ts';

const sender = (name: string): Source => ({ name, type: 'remote_write', tokens: ['write'], scope: DEFAULT_SCOPE });
const asked = {
  name: 'thanos',
  type: 'query',
  interval: 60_000,
  delay: 30_000,
  scope: DEFAULT_SCOPE,
} as unknown as Source;

const TENANT: Tenant = {
  ...tenantWithTokens('acme'),
  sources: [sender('main'), sender('edge'), sender('gone'), asked],
};

async function ledgerWith(...ages: readonly (readonly [source: string, age: number])[]): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  const tally = {
    ...newTally(),
    accepted: 5,
    refused: { too_old: 2 },
    dropped: { no_asserts_env: 1, relabel_drop: 40, repeated: 2 },
  };
  await ledger.record(
    'acme',
    ages.map(([source, age], i) => ({ id: `${i}`, source, timestamp: NOW - age, tally, examples: [] })),
  );
  return ledger;
}

describe('/api/v1/status/sources', () => {
  it('says of every source of the configuration whether it is fresh', async () => {
    const ruleState = new MemoryRuleState();
    const state = { planVersion: 'p', evaluatedTo: NOW - 60_000, skipped: 0, groups: {} };
    await ruleState.replace('acme/query/thanos', 0, state);
    const ledger = await ledgerWith(['main', 10_000], ['edge', 600_000], ['unknown', 1]);
    const response = await apiOf({ ledger, ruleState, tenants: [TENANT] }).fetch(get('/api/v1/status/sources'));
    const { data } = (await response.json()) as { data: { sources: Record<string, unknown>[] } };
    expect(data.sources.map(({ source, verdict, age, lost }) => [source, verdict, age, lost])).toEqual([
      ['main', 'fresh', 10_000, 3],
      ['edge', 'late', 600_000, 3],
      ['gone', 'silent', undefined, 0],
      ['thanos', 'fresh', 60_000, 0],
    ]);
    expect(data.sources[0]).toMatchObject({ lastReceived: NOW - 10_000, expectedEvery: 60_000, type: 'remote_write' });
    expect(data.sources[3]).toMatchObject({ evaluatedTo: NOW - 60_000 });
  });

  it('shows a token that is bound to sources these alone', async () => {
    const [read, ...others] = TENANT.tokens;
    if (read === undefined) throw new Error('the fixture has no tokens');
    const tenants = [{ ...TENANT, tokens: [{ ...read, sources: ['edge'] }, ...others] }];
    const request = get('/api/v1/status/sources', { authorization: 'Bearer acme-read' });
    const response = await apiOf({ ledger: await ledgerWith(), tenants }).fetch(request);
    const { data } = (await response.json()) as { data: { sources: { source: string }[] } };
    expect(data.sources.map(({ source }) => source)).toEqual(['edge']);
  });
});
