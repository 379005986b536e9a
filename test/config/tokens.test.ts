import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WrittenConfig } from '../../lib/config/config-schema.ts';
import { parseExpiry } from '../../lib/config/token-schema.ts';
import { asTokens, tokenProblems, tokenWarnings } from '../../lib/config/tokens.ts';

type WrittenTenant = WrittenConfig['tenants'][number];
type WrittenToken = WrittenTenant['tokens'][number];

const HASH = 'a'.repeat(64);
const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('parseExpiry', () => {
  it.each([
    ['2027-01-01', '2027-01-01T00:00:00Z'],
    ['2027-01-01T12:30:00Z', '2027-01-01T12:30:00Z'],
    ['2027-01-01t12:30:00.5+02:00', '2027-01-01T10:30:00.500Z'],
    ['2028-02-29', '2028-02-29T00:00:00Z'],
  ])('reads %s', (text, time) => expect(parseExpiry(text)).toBe(Date.parse(time)));

  it.each([
    '',
    'soon',
    '2027',
    '2027-13-01',
    '2027-02-30',
    '2027-01-01T12:30:00',
    '2027-1-1',
    '2027-01-01T25:00:00Z',
    '90d',
  ])('refuses %s', (text) => expect(parseExpiry(text)).toBeUndefined());
});

describe('tokens of a tenant', () => {
  it('are taken with what binds and ends them, closed ones apart', () => {
    const tokens = [
      token({ sha256: HASH.toUpperCase(), sources: ['prom'], expires: '2027-01-01' }),
      token({ name: 'b', sha256: 'closed' }),
    ];
    expect(asTokens(tokens)).toEqual([
      { name: 'a', sha256: HASH, scopes: ['read'], sources: ['prom'], expires: Date.parse('2027-01-01') },
    ]);
  });

  it.each([
    ['a hash that is none', { sha256: 'secret' }, 'sha256: must be the SHA-256 of the token'],
    ...['', '\n'].map((nothing) => {
      const sha256 = createHash('sha256').update(nothing).digest('hex');
      return [`the hash of ${JSON.stringify(nothing)}`, { sha256 }, 'sha256: is the hash of an empty token'];
    }),
    [
      'an unknown source',
      { sources: ['prom', 'edge'] },
      'sources.1: no source of this tenant is called edge; it has prom, lon',
    ],
    ['a writer without a source', { scopes: ['write'] }, 'name: token a may write but belongs to no source'],
    [
      'a writer that is bound to another source',
      { name: 'w', scopes: ['write'], sources: ['lon'] },
      'name: token w writes as source prom, which is not among its sources',
    ],
  ] as [string, Partial<WrittenToken>, string][])('are told of %s', (_, changes, message) => {
    const told = tokenProblems(tenantOf(token(changes)), []).map(
      ([path, text]) => `${path.slice(2).join('.')}: ${text}`,
    );
    expect(told).toEqual([expect.stringContaining(message)]);
  });

  it('may be bound to the source that they write as', () => {
    const writer = token({ name: 'w', scopes: ['write', 'read'], sources: ['prom', 'lon'] });
    expect(tokenProblems(tenantOf(writer), [])).toEqual([]);
  });

  it.each([
    [
      'closed',
      { sha256: 'closed' },
      'token a of tenant demo is closed: nobody can use it until its variable holds the hash that `tributary token create a --scope read` prints',
    ],
    ['about to end', { expires: '2026-11-30' }, 'token a of tenant demo expires on 2026-11-30; make another'],
    ['over', { expires: '2026-11-22' }, 'token a of tenant demo has expired on 2026-11-22: nobody can use it'],
  ] as [string, Partial<WrittenToken>, string][])('are warned of when %s', (_, changes, message) => {
    const told = tokenWarnings(tenantOf(token(changes)), [], NOW).map(([, text]) => text);
    expect(told).toEqual([expect.stringContaining(message)]);
  });

  it('are not warned of while they last', () => {
    expect(tokenWarnings(tenantOf(token({ expires: '2027-06-01' })), [], NOW)).toEqual([]);
  });
});

function token(changes: Partial<WrittenToken> = {}): WrittenToken {
  return { name: 'a', sha256: HASH, scopes: ['read'], ...changes };
}

function tenantOf(...tokens: WrittenToken[]): WrittenTenant {
  const sources = [
    { name: 'prom', type: 'remote_write', tokens: ['w'] },
    { name: 'lon', type: 'query', url: 'https://prometheus.example.com' },
  ] as WrittenTenant['sources'];
  return { name: 'demo', tokens, sources };
}
