import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Params } from '../../lib/api/params/params.ts';
import { selectorsOf } from '../../lib/api/params/selectors.ts';
import { Labels } from '../../lib/model/labels.ts';
import { federationMatchers, federationPages } from '../../lib/plan/federation-matchers.ts';
import type { MatcherSpec } from '../../lib/plan/plan.ts';
import { matchesAll, newSelection } from '../../lib/plan/selection.ts';
import { planOf } from './fixture.ts';

/** The selectors as a server reads them; throws where it would answer 400. */
function serverSelectors(selectors: readonly string[]) {
  return selectorsOf(
    new Params(new URLSearchParams(selectors.map((selector): [string, string] => ['match[]', selector]))),
  );
}

function planOfTerms(...terms: readonly MatcherSpec[][]) {
  return { selection: terms.map((matchers) => ({ matchers })) };
}

const named = (name: string): MatcherSpec => ({ type: '=', name: '__name__', value: name });

describe('federationMatchers', () => {
  it('asks for names together, and narrows where rules do', () => {
    expect(
      federationMatchers(planOf('a = x\nb = y\nc = cpu{mode!="idle"}\nd = disk{mode!="idle"}\ne = z{job="api"}')),
    ).toEqual(['{__name__=~"x|y"}', '{__name__=~"cpu|disk",mode!="idle"}', '{__name__="z",job=~"api|"}']);
  });

  it('lets series without a label through that external labels may give it', () => {
    const of = (matcher: MatcherSpec) => federationMatchers(planOfTerms([named('x'), matcher]));
    expect(of({ type: '=', name: 'env', value: 'a.b' })).toEqual(['{__name__="x",env=~"a\\\\.b|"}']);
    expect(of({ type: '=~', name: 'env', value: 'a|b' })).toEqual(['{__name__="x",env=~"(?:a|b)|"}']);
    expect(of({ type: '!=', name: 'env', value: '' })).toEqual(['{__name__="x"}']);
    expect(of({ type: '!~', name: 'env', value: '|a' })).toEqual(['{__name__="x"}']);
    expect(of({ type: '!=', name: 'env', value: 'a' })).toEqual(['{__name__="x",env!="a"}']);
    expect(of({ type: '=', name: 'env', value: '' })).toEqual(['{__name__="x",env=""}']);
    expect(of({ type: '!~', name: 'env', value: 'a.*' })).toEqual(['{__name__="x",env!~"a.*"}']);
    expect(of({ type: '=', name: 'k8s.pod', value: '' })).toEqual(['{__name__="x","k8s.pod"=""}']);
  });

  it('says nothing twice', () => {
    const plan = planOfTerms(
      [named('x'), { type: '=', name: 'a', value: '1' }],
      [named('x')],
      [
        { type: '=~', name: '__name__', value: 'x|y' },
        { type: '!=', name: 'b', value: '2' },
      ],
      [named('y'), { type: '!=', name: 'b', value: '2' }],
      [named('y'), { type: '!=', name: 'c', value: '' }],
      [{ type: '=~', name: '__name__', value: 'job_.*' }],
      [{ type: '=~', name: '__name__', value: 'job_.*' }],
    );
    expect(federationMatchers(plan)).toEqual(['{__name__=~"x|y|job_.*"}']);
  });

  it('asks for everything where a plan cannot select by name, and for nothing without rules', () => {
    expect(federationMatchers(planOfTerms([]))).toEqual(['{__name__!=""}']);
    expect(
      federationMatchers(
        planOfTerms([
          { type: '!=', name: 'a', value: '1' },
          { type: '!=', name: '__name__', value: 'x' },
        ]),
      ),
    ).toEqual(['{__name__!="",__name__!="x",a!="1"}']);
    expect(federationMatchers(planOfTerms())).toEqual([]);
    expect(federationPages([])).toEqual([]);
  });

  const word = fc.constantFrom('a', 'b', 'c.d', '');
  const label = fc.constantFrom('job', 'env', 'mode');
  const regexp = fc.constantFrom('a|b', 'a.*', '.*', '.+', 'c\\.d', '|a', '(a|)');
  const matcher: fc.Arbitrary<MatcherSpec> = fc.oneof(
    fc.record({ type: fc.constantFrom('=', '!='), name: label, value: word }),
    fc.record({ type: fc.constantFrom('=~', '!~'), name: label, value: regexp }),
  );
  const nameMatcher: fc.Arbitrary<MatcherSpec> = fc.oneof(
    fc.constantFrom('x', 'y', 'z:z').map(named),
    fc.constantFrom('x|y', 'x.*', 'z:z').map((value) => ({ type: '=~' as const, name: '__name__', value })),
  );
  const term = fc
    .tuple(fc.array(nameMatcher, { maxLength: 1 }), fc.array(matcher, { maxLength: 3 }))
    .map((parts) => parts.flat());
  const labels = fc.dictionary(label, fc.constantFrom('a', 'b', 'c.d'), { maxKeys: 3 });

  it('never leaves out what the selection keeps, whatever labels the server adds', () => {
    fc.assert(
      fc.property(
        fc.array(term, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('x', 'y', 'z:z', 'xx'),
        labels,
        labels,
        (terms, name, stored, external) => {
          const plan = planOfTerms(...terms);
          const asked = serverSelectors(federationMatchers(plan));
          const sent = Labels.from({ ...external, ...stored, __name__: name });
          if (!newSelection(plan)(sent)) return;
          const kept = Labels.from({ ...stored, __name__: name });
          expect(asked.some((selector) => matchesAll(selector, kept))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is exact where no label is added and no matcher needs one', () => {
    const absentPasses = matcher.filter(({ type, name, value }) =>
      matchesAll(
        serverSelectors([`{__name__!="",${name}${type}${JSON.stringify(value)}}`])[0]?.slice(1) ?? [],
        Labels.empty,
      ),
    );
    const exact = fc
      .tuple(nameMatcher, fc.array(absentPasses, { maxLength: 3 }))
      .map(([first, rest]) => [first, ...rest]);
    fc.assert(
      fc.property(
        fc.array(exact, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('x', 'y', 'z:z', 'xx'),
        labels,
        (terms, name, stored) => {
          const plan = planOfTerms(...terms);
          const series = Labels.from({ ...stored, __name__: name });
          const asked = serverSelectors(federationMatchers(plan)).some((selector) => matchesAll(selector, series));
          expect(asked).toBe(newSelection(plan)(series));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('federationPages', () => {
  it('keeps every URL short, and every selector on one page', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom('a', 'é', '_', '%') }), {
          maxLength: 400,
        }),
        (names) => {
          const selectors = federationMatchers(planOfTerms(...names.map((name) => [named(name)])));
          const pages = federationPages(selectors);
          expect(pages.flat()).toEqual(selectors);
          for (const page of pages) {
            const url = page.map((selector) => `match[]=${encodeURIComponent(selector)}`).join('&');
            expect(url.length).toBeLessThanOrEqual(6000);
          }
          const series = Labels.from({ __name__: names.at(-1) ?? 'none' });
          expect(serverSelectors(selectors).some((selector) => matchesAll(selector, series))).toBe(names.length > 0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('fills pages one after the other', () => {
    const terms = Array.from({ length: 1000 }, (_, i) => [named(`some_metric_with_a_long_name_${i}`)]);
    const pages = federationPages(federationMatchers(planOfTerms(...terms)));
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.length).toBeLessThan(10);
  });

  it('refuses a selector that no URL can hold', () => {
    expect(() => federationPages([`{__name__=~"${'.'.repeat(6000)}"}`])).toThrow(
      /cannot ask a server for .* longer than 6000/,
    );
  });
});
