import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileRuntime } from '../../lib/config/compile-runtime.ts';
import type { Mistake } from '../../lib/rules/mistake.ts';

const root = new URL('../../', import.meta.url).pathname;

describe('compileRuntime', () => {
  it("compiles the repository's own tributary.yml without any secret, with every door closed", () => {
    const warnings: Mistake[] = [];
    const runtime = compileRuntime(join(root, 'tributary.yml'), {
      environment: {},
      warn: (warning) => warnings.push(warning),
    });
    expect(runtime.plan.packs).toEqual(['prometheus', 'http', 'node', 'red']);
    expect(runtime.tenants.flatMap(({ tokens }) => tokens)).toEqual([]);
    expect(warnings).toHaveLength(2);
    expect(JSON.parse(JSON.stringify(runtime))).toEqual(runtime);
  });

  it('opens the doors whose hashes the environment holds', () => {
    const environment = { TRIBUTARY_WRITE_TOKEN_SHA256: 'a'.repeat(64), TRIBUTARY_READ_TOKEN_SHA256: 'b'.repeat(64) };
    const runtime = compileRuntime(join(root, 'tributary.yml'), { environment });
    expect(runtime.tenants[0]?.tokens.map(({ name }) => name)).toEqual(['prometheus', 'grafana']);
  });

  it("takes a user's own rules beside the packs", () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-own-'));
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own/rules.yml'), 'groups: [{name: g, rules: [{record: my_total, expr: foo}]}]');
    writeFileSync(
      join(folder, 'tributary.yml'),
      'packs: [node]\nrules: [own]\ntenants: [{name: t, tokens: [], sources: []}]',
    );
    const { plan } = compileRuntime(join(folder, 'tributary.yml'));
    expect(plan.packs).toEqual(['node', 'own']);
    expect(plan.mappings.at(-1)).toMatchObject({ record: 'my_total', origin: { file: 'own/rules.yml' } });
  });

  it('widens the rates of packs for slow sources, and leaves own rules as they are', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-wide-'));
    mkdirSync(join(folder, 'own'));
    writeFileSync(
      join(folder, 'own/rules.yml'),
      'groups: [{name: g, rules: [{record: mine, expr: "sum(rate(asserts:request:total[5m]))"}]}]',
    );
    const exprs = (evaluation: string) => {
      const file = join(folder, 'tributary.yml');
      writeFileSync(file, `packs: [red]\nrules: [own]\n${evaluation}tenants: [{name: t, tokens: [], sources: []}]`);
      const { plan } = compileRuntime(file);
      return plan.derived.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    };
    const [usual, wide] = [exprs(''), exprs('evaluation: {widest_window: 20m}\n')];
    expect(usual.join()).not.toContain('[20m]');
    expect(wide.filter((expr) => expr.includes('[20m]'))).toHaveLength(usual.length - 1);
    expect(wide.at(-1)).toBe('sum(rate(asserts:request:total[5m]))');
  });

  it('reports every pack and folder that is not there', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tributary-none-')), 'tributary.yml');
    writeFileSync(file, 'packs:\n  - nope\n  - ../..\nrules: [gone]\ntenants: [{name: t, tokens: [], sources: []}]');
    expect(() => compileRuntime(file)).toThrow(
      /tributary\.yml:2: packs\[0\]: there is no pack "nope"; rules\/packs has .*\bhttp\b.*, node, .*\n.*:3: packs\[1\]: there is no pack "\.\.\/\.\."[^\n]*\n.*:4: rules\[0\]: .*gone is not a folder; make it/,
    );
  });
});
