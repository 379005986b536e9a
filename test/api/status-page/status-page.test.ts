import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ApiDependencies } from '../../../lib/api/dependencies.ts';
import { DEFAULT_SCOPE, type Tenant } from '../../../lib/context/tenant.ts';
import type { DeadLetterReader } from '../../../lib/queue/dead-letter-reader.ts';
import { newTally } from '../../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../../lib/storage/memory/memory-ledger.ts';
import { MemoryRuleState } from '../../../lib/storage/memory/memory-rule-state.ts';
import { apiOf, get, NOW, tenantWithTokens } from '../fixture.ts';

/** What a label of a hostile application may be. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onmouseover='alert(3)",
  '</style><style>*{display:none}',
  '</title><script>alert(4)</script>',
  '&lt;script&gt;',
  '\u202egnp.exe\u0000\u001b[31m\r\nSet-Cookie: a=b',
  '`${alert(5)}`',
];

const source = { name: 'main', type: 'remote_write', tokens: ['write'], scope: DEFAULT_SCOPE } as const;

function tenant(name = 'acme', ...names: readonly string[]): Tenant {
  const more = names.map((one) => ({ ...source, name: one }));
  return { ...tenantWithTokens(name), sources: [source, ...more] };
}

async function pageOf(changes: Partial<ApiDependencies> = {}, headers: Record<string, string> = {}): Promise<string> {
  const response = await apiOf({ tenants: [tenant()], ...changes }).fetch(get('/status', headers));
  expect(response.status).toBe(200);
  return response.text();
}

/** What is left without markup, as somebody reads it. */
function readable(page: string): string {
  return page
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    .replace(/\s+/g, ' ');
}

describe('/status', () => {
  it('shows sources, losses with their reasons, rules, compaction and dead letters', async () => {
    const ledger = new MemoryLedger();
    const tally = {
      ...newTally(),
      accepted: 480_000,
      selected: 36_000,
      unselected: 444_000,
      stored: 35_940,
      refused: { too_old: 12 },
      dropped: { no_asserts_env: 60 },
    };
    const examples = [{ reason: 'no_asserts_env', series: 'up{job="api"}', detail: 'env is missing' }];
    await ledger.record('acme', [{ id: 'r-0', source: 'main', timestamp: NOW - 3000, tally, examples }]);
    const ruleState = new MemoryRuleState();
    await ruleState.replace('acme', 0, {
      planVersion: '',
      evaluatedTo: NOW - 7_500_000,
      skipped: 120_000,
      groups: {
        'own.yml;slo': {
          lastEvaluation: NOW,
          evaluationSeconds: 0,
          rules: {
            'recording slo {}': {
              health: 'err',
              lastError: 'many-to-many',
              lastEvaluation: NOW,
              evaluationSeconds: 0,
              alerts: [],
            },
          },
        },
      },
    });
    const deadLetters: DeadLetterReader = {
      look: async () => ({
        isComplete: false,
        letters: [
          {
            sentAt: NOW - 60_000,
            record: {
              messageId: 'm',
              body: 'x',
              messageAttributes: { tenant: { stringValue: 'acme' }, source: { stringValue: 'main' } },
            },
          },
        ],
      }),
    };
    const compaction = {
      backlog: async () => ({ epochs: 3, oldest: NOW - 9 * 3600_000, leftovers: 0 }),
      chunks: async () => 0,
    };
    const text = readable(
      await pageOf({ ledger, ruleState, deadLetters, compaction, tenants: [tenant('acme', 'edge')] }),
    );
    for (const part of [
      'acme',
      'main remote_write fresh 3 s ago 1 min 72',
      'edge remote_write silent not in the last hour',
      'main 480,000 36,000 444,000 35,940',
      'main dropped no_asserts_env 60 up{job="api"} env is missing',
      'main refused too_old 12',
      'behind 2 h 5 min behind now',
      '2 min were passed over',
      'recording slo {} own.yml;slo many-to-many',
      'normalised behind 3 7 h',
      '1 1 min ago main no error is recorded',
      'There may be more',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('shows hostile labels as the text that they are', async () => {
    const ledger = new MemoryLedger();
    const plain = await pageOf({ ledger: new MemoryLedger() });
    const entries = HOSTILE.map((text, i) => ({
      id: `r-${i}`,
      source: text,
      timestamp: NOW - i,
      tally: { ...newTally(), accepted: 1, dropped: { [text]: 1 } },
      examples: [{ reason: text, series: `up{job=${JSON.stringify(text)}}`, detail: text }],
    }));
    await ledger.record('acme', entries);
    const page = await pageOf({ ledger, tenants: [tenant('acme', ...HOSTILE)] });
    expect(elementsOf(page)).toEqual(elementsOf(plain));
    // Nothing turns the direction of a line or starts another one.
    expect(page).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect(readable(page)).toContain('"><img src=x onerror=alert(2)>');
  });

  it('may load, run and send nothing, and be kept or framed by nobody', async () => {
    const response = await apiOf({ tenants: [tenant()] }).fetch(get('/status'));
    const page = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
    expect(policy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    ]);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(page).not.toMatch(/<(script|img|link|iframe|form|base)\b|https?:|style=|url\(|@import/);
  });

  it('shows what can be read where another part cannot, and tells the operator alone why', async () => {
    const faults: unknown[] = [];
    const compaction = { backlog: () => Promise.reject(new Error('secret table')), chunks: async () => 0 };
    const page = await pageOf({ compaction, onInternalError: (error) => faults.push(error) });
    expect(readable(page)).toContain('Compaction This cannot be read now');
    expect(readable(page)).toContain('main remote_write silent');
    expect(page).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });

  it('asks browsers for credentials, and shows dead letters to administrators', async () => {
    const deadLetters: DeadLetterReader = { look: async () => ({ letters: [], isComplete: true }) };
    const api = apiOf({ tenants: [tenant()], deadLetters });
    const read = async (token: string) => {
      const authorization = `Basic ${btoa(`acme:acme-${token}`)}`;
      return (await api.fetch(get('/status', { authorization }))).text();
    };
    expect(await read('admin')).toContain('Dead letters');
    expect(await read('read')).not.toContain('Dead letters');
    const refused = await api.fetch(get('/status', { authorization: 'Basic nonsense' }));
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic /)]);
  });
});

/** Kinds of elements, so that a page with other texts has the same. */
function elementsOf(page: string): string[] {
  return [...new Set(page.match(/<\/?[a-z]+/gi))]
    .filter((one) => !/^<\/?(t[dhr]|table|code|span|p|div)$/.test(one))
    .sort();
}
