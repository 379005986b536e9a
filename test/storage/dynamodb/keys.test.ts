import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alignedStarts,
  blockSortKey,
  daysKey,
  epochsKey,
  labelsKey,
  ledgerKey,
  manifestsKey,
  metadataKey,
  mintOfBlock,
  registersKey,
  ruleStateKey,
  samplesKey,
  usageEntriesKey,
  usageKey,
  writtenAt,
  writtenSortKey,
} from '../../../lib/storage/dynamodb/keys.ts';
import { InvalidSampleError } from '../../../lib/storage/errors.ts';

const T = 1_763_809_200_000;
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('/', '%2F', '%', '#', 'samples', 'labels', 'derived', '0', String(T), 'metadata'),
      fc.string({ unit: 'binary', minLength: 1 }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('keys', () => {
  it('of one tenant are never those of another, whatever their names', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        fc.pre(a !== b);
        const keysOfB = new Set(allKeys(b));
        expect(allKeys(a).filter((key) => keysOfB.has(key))).toEqual([]);
        expect(allKeys(a).filter((key) => key.startsWith(metadataKey(b).slice(0, -'metadata'.length)))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('of one tenant are all different', () => {
    expect(new Set(allKeys('t')).size).toBe(allKeys('t').length);
  });

  it.each([
    ['', 'cannot use an empty tenant name'],
    ['\ud800', 'it has a lone surrogate'],
    ['ü'.repeat(400), '2400 bytes, at most 1024'],
  ])('refuse the tenant %j', (tenant, text) => {
    expect(() => metadataKey(tenant)).toThrow(InvalidSampleError);
    expect(() => metadataKey(tenant)).toThrow(text);
  });

  it('sort blocks by their end, then by their beginning', () => {
    const time = fc.integer({ min: 0, max: 9_999_999_999_999 });
    fc.assert(
      fc.property(time, time, time, time, (a, b, c, d) => {
        const [x, y] = [blockSortKey({ mint: a, maxt: b }, 'h'), blockSortKey({ mint: c, maxt: d }, 'h')];
        expect(x < y).toBe(b < d || (b === d && a < c));
        expect(mintOfBlock(x)).toBe(a);
        expect(writtenAt(writtenSortKey(a, 'h'))).toBe(a);
      }),
    );
  });

  it('name every bucket that a range touches', () => {
    expect(alignedStarts({ mint: 5, maxt: 25 }, 10)).toEqual([20, 10, 0]);
    expect(alignedStarts({ mint: 10, maxt: 10 }, 10)).toEqual([10]);
    expect(alignedStarts({ mint: 11, maxt: 9 }, 10)).toEqual([]);
  });
});

function allKeys(tenant: string): string[] {
  return [
    metadataKey(tenant),
    ledgerKey(tenant, T),
    ...(['normalised', 'derived'] as const).flatMap((retentionClass) => [
      daysKey(tenant, retentionClass),
      labelsKey(tenant, retentionClass, T),
      samplesKey(tenant, retentionClass, 0, T),
      samplesKey(tenant, retentionClass, 1, T),
    ]),
  ];
}

describe('what the API may write', () => {
  const text = readFileSync(new URL('../../../serverless.yml', import.meta.url), 'utf8');
  const [, patterns = ''] = /'dynamodb:LeadingKeys': \[(.+)\]/.exec(text) ?? [];
  const allowed = [...patterns.matchAll(/'([^']+)'/g)].map(
    ([, pattern = '']) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`),
  );
  const mayWrite = (key: string) => allowed.some((pattern) => pattern.test(key));

  it('are uses of tokens and what its answers took', () => {
    expect([registersKey('acme', 'tokens'), usageEntriesKey('acme', 1795384800000)].map(mayWrite)).toEqual([
      true,
      true,
    ]);
  });

  it.each([
    usageKey('acme'),
    ledgerKey('acme', 1795384800000),
    ruleStateKey('acme'),
    registersKey('acme', 'leaders'),
    samplesKey('acme', 'derived', 0, 1795384800000),
    labelsKey('acme', 'derived', 1795384800000),
    manifestsKey('acme', 'derived', 1795384800000),
    metadataKey('acme'),
    epochsKey('acme', 'derived'),
  ])('is not %s', (key) => {
    expect(mayWrite(key)).toBe(false);
  });
});
