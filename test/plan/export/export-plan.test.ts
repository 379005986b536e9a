import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { DEFAULT_IDENTITY } from '../../../lib/context/identity.ts';
import { type ExportedFile, exportPlan } from '../../../lib/plan/export/export-plan.ts';
import { plan as packs } from '../../packs/contextualize.ts';
import { planOf } from '../fixture.ts';

const SCOPE = { env: { labels: ['env'], default: 'dev' }, site: { labels: ['region'] }, identity: DEFAULT_IDENTITY };

function fileOf(files: readonly ExportedFile[], name: string): string {
  return files.find((file) => file.name === name)?.text ?? '';
}

describe('exportPlan', () => {
  it('writes mapping rules as recording rules, with the raw name', () => {
    const plan = planOf(`
      asserts:request:total{asserts_source="x", asserts_request_type="inbound"} = x_total{a="b"}
      asserts:request:total{asserts_source="x", asserts_request_type="inbound"} = x_total{a="c"}
      shop:many = {__name__=~"a|b"}
      shop:scaled = {__name__=~"c|d"} / 1000
      shop:sum = sum(asserts:request:total)`);
    const files = exportPlan(plan, SCOPE);
    expect(parse(fileOf(files, 'mapping.rules.yml'))).toEqual({
      groups: [
        {
          name: 'test',
          rules: [
            {
              record: 'asserts:request:total',
              expr: 'x_total{a="b"} or x_total{a="c"}',
              labels: { asserts_name: 'x_total', asserts_request_type: 'inbound', asserts_source: 'x' },
            },
            {
              record: 'shop:many',
              expr: 'label_replace({__name__=~"a|b"}, "asserts_name", "$1", "__name__", "(.+)")',
            },
            {
              record: 'shop:scaled',
              expr: 'label_replace({__name__=~"c|d"}, "asserts_name", "$1", "__name__", "(.+)") / 1000',
            },
          ],
        },
      ],
    });
    expect(parse(fileOf(files, 'derived.rules.yml')).groups).toMatchObject([{ rules: [{ record: 'shop:sum' }] }]);
    expect(fileOf(files, 'README.md')).toContain(`from plan ${plan.version} (test)`);
  });

  it('writes groups before those that read them', () => {
    const { groups } = parse(fileOf(exportPlan(packs, SCOPE), 'derived.rules.yml'));
    const position = (record: string) =>
      groups.findIndex(({ rules }: { rules: { record?: string }[] }) => rules.some((rule) => rule.record === record));
    expect(position('asserts:request:rate5m')).toBeGreaterThanOrEqual(0);
    expect(groups.flatMap(({ rules }: { rules: unknown[] }) => rules)).toHaveLength(
      packs.derived.flatMap(({ rules }) => rules).length,
    );
  });

  const probe = spawnSync('promtool', ['--version']);
  const title = 'makes files that promtool accepts';
  if (probe.error !== undefined) console.warn('promtool is not installed: exported files are not checked by it');
  it.skipIf(probe.error !== undefined)(probe.error === undefined ? title : `${title} (skipped: no promtool)`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-export-'));
    try {
      for (const { name, text } of exportPlan(packs, SCOPE)) writeFileSync(join(folder, name), text);
      const rules = promtool(['check', 'rules', 'mapping.rules.yml', 'derived.rules.yml'], folder);
      expect([rules.status, rules.stderr]).toEqual([0, '']);
      expect(rules.stdout.match(/SUCCESS: [0-9]+ rules found/g)).toHaveLength(2);
      const { metric_relabel_configs } = parse(fileOf(exportPlan(packs, SCOPE), 'metric_relabel_configs.yml'));
      writeFileSync(
        join(folder, 'prometheus.yml'),
        stringify({
          rule_files: ['mapping.rules.yml', 'derived.rules.yml'],
          scrape_configs: [
            { job_name: 'shop', static_configs: [{ targets: ['127.0.0.1:1'] }], metric_relabel_configs },
          ],
        }),
      );
      const config = promtool(['check', 'config', 'prometheus.yml'], folder);
      expect([config.status, config.stderr]).toEqual([0, '']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function promtool(args: readonly string[], cwd: string) {
  return spawnSync('promtool', args, { cwd, encoding: 'utf8' });
}
