import { afterEach, describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { DEFAULT_SCOPE } from '../../lib/context/tenant.ts';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { apiOf, NOW, tenantWithTokens } from '../api/fixture.ts';
import { serveApi } from './serve-api.ts';

const HOUR = 3600_000;

let server: Awaited<ReturnType<typeof serveApi>> | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** Runs `tributary status` against an API. */
async function run(changes: Parameters<typeof apiOf>[0], ...args: string[]) {
  server = await serveApi(apiOf(changes));
  return command('--url', server.url, ...args);
}

async function command(...args: string[]) {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  const code = await program(['status', ...args]);
  return { code, out, err };
}

const TENANT = {
  ...tenantWithTokens('acme'),
  sources: ['shop', 'edge'].map((name) => {
    return { name, type: 'remote_write', tokens: ['write'], scope: DEFAULT_SCOPE } as const;
  }),
};

describe('tributary status', () => {
  it('tells at a glance what is fresh, what was dropped and why, and what waits', async () => {
    const ledger = new MemoryLedger();
    const tally = { ...newTally(), accepted: 12_000, selected: 900, stored: 840, dropped: { no_asserts_env: 60 } };
    const examples = [{ reason: 'no_asserts_env', series: 'up{job="api"}' }];
    await ledger.record('acme', [{ id: 'a', source: 'shop', timestamp: NOW - 5000, tally, examples }]);
    const oldest = NOW - 9 * HOUR;
    const compaction = {
      backlog: async (_: string, of: string) =>
        of === 'derived' ? { epochs: 3, oldest, leftovers: 1 } : { epochs: 0, leftovers: 0 },
      chunks: async () => 0,
    };
    const { code, out, err } = await run({ tenants: [TENANT], ledger, compaction });
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      `${[
        'Sources',
        '  shop  remote_write  fresh   5 s ago                   60 lost in the last hour',
        '  edge  remote_write  silent  nothing in the last hour',
        '',
        'Rules',
        '  none',
        '',
        'Compaction',
        '  normalised  current  nothing waits',
        '  derived     behind   3 epochs wait  the oldest ended 7 h ago  1 leftovers to clear away',
        '  alerts      current  nothing waits',
        '',
        'The last hour',
        '  12,000 samples accepted, 900 selected by rules, 840 stored',
        '  dropped  no_asserts_env  60  up{job="api"}',
        '',
        'Dead letters',
        `  cannot ask ${server?.url}/api/v1/status/dead-letters: 404 this server has no queue of dead letters`,
      ].join('\n')}\n`,
    );
  });

  it('keeps the terminal from what series are named', async () => {
    const ledger = new MemoryLedger();
    const tally = { ...newTally(), dropped: { 'odd\u001b[31m': 1 } };
    const examples = [{ reason: 'odd\u001b[31m', series: 'up{job="\u001b[2J\nforged"}' }];
    await ledger.record('acme', [{ id: 'a', source: 'shop', timestamp: NOW, tally, examples }]);
    const { out } = await run({ tenants: [TENANT], ledger });
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('\nforged');
  });

  it('prints the same as JSON', async () => {
    const { out } = await run({ tenants: [TENANT] }, '--json');
    expect(JSON.parse(out)).toMatchObject({
      sources: { now: NOW, sources: [{ source: 'shop', verdict: 'silent' }, { source: 'edge' }] },
      compaction: { classes: [{ retentionClass: 'normalised', epochs: 0 }, {}, {}] },
      deadLetters: { error: expect.stringContaining('404') },
    });
  });

  it('says what is wrong where nothing is told', async () => {
    const { code, out, err } = await run({ tenants: [TENANT] }, '--token', 'nonsense');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /cannot ask .*status\/sources: 401 .*; give another token with --token, or in \$TRIBUTARY_TOKEN\n$/,
    );
  });

  it('says what to do where nobody or somebody else answers', async () => {
    const gone = await serveApi(apiOf({ tenants: [TENANT] }));
    gone.close();
    expect((await command('--url', gone.url)).err).toMatch(
      /^error: cannot ask .*status\/sources: connect ECONNREFUSED .*; correct the URL, or start the server\n$/,
    );
    server = await serveApi({ fetch: async () => new Response('404 page not found\n', { status: 404 }) });
    expect((await command('--url', `${server.url}/`)).err).toBe(
      `error: cannot ask ${server.url}/api/v1/status/sources: 404 without an answer of the API ("404 page not found"); correct the URL\n`,
    );
    expect((await command('--url', '127.0.0.1:9201')).err).toContain('It must be a URL with http:// or https://.');
  });
});
