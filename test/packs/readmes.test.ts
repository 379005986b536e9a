import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Matcher } from '../../lib/model/matcher.ts';
import { parseExpr } from '../../lib/promql/parse.ts';
import { plan } from './contextualize.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the READMEs of the packs', () => {
  it.each(plan.packs)('%s names every raw metric that its rules read', (pack) => {
    const page = read(`rules/packs/${pack}/README.md`);
    const names = new Set(
      plan.mappings
        .filter(({ origin }) => origin.pack === pack)
        .flatMap(({ matchers }) => {
          const name = matchers.find((matcher) => matcher.name === '__name__');
          return name === undefined ? [] : (new Matcher(name.type, name.name, name.value).setMatches ?? [name.value]);
        }),
    );
    expect([...names].filter((name) => !mentions(page, name))).toEqual([]);
  });

  it.each(['docs/contextualized-metrics.md', ...plan.packs.map((pack) => `rules/packs/${pack}/README.md`)])(
    '%s shows only queries that parse',
    (path) => {
      for (const [, block = ''] of read(path).matchAll(/```promql\n(.*?)```/gs)) {
        const queries = block
          .replace(/^#.*$/gm, '')
          .split(/\n\n+/)
          .filter((query) => query.trim() !== '');
        for (const query of queries) expect(() => parseExpr(query)).not.toThrow();
      }
    },
  );

  it('are listed in docs/packs.md', () => {
    const page = read('docs/packs.md');
    expect(plan.packs.filter((pack) => !page.includes(`| [${pack}](../rules/packs/${pack}/README.md) | `))).toEqual([]);
  });

  it('show only resource types that rules record', () => {
    const derived = plan.derived.flatMap(({ rules }) => rules);
    const types = new Set([...plan.mappings, ...derived].map(({ labels }) => labels['asserts_resource_type']));
    const shown = [...read('rules/packs/node/README.md').matchAll(/asserts_resource_type=~?"([^"]+)"/g)].flatMap(
      (match) => match[1]?.split('|') ?? [],
    );
    expect(shown.length).toBeGreaterThan(6);
    expect(shown.filter((type) => !types.has(type))).toEqual([]);
  });
});

/** Tables write families as `name_*` and `name_{a,b}_rest`. */
function mentions(page: string, name: string): boolean {
  const written = [...page.matchAll(/`([a-zA-Z_{},*]+?)(?:\{[^`]*)?`/g)].map((match) => match[1] ?? '');
  const patterns = [...page.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? '').replace(/\{[^}]*[=~][^}]*\}/, ''));
  return [...written, ...patterns].some((text) => {
    const source = text
      .replace(/[.+?^$()|[\]\\]/g, '\\$&')
      .replace(/\{([^{}]*)\}/g, (_, list: string) => `(?:${list.replaceAll(',', '|')})`)
      .replaceAll('*', '.*');
    return new RegExp(`^${source}$`).test(name);
  });
}
