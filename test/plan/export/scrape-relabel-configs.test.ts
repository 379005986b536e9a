import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applyIdentity, DEFAULT_IDENTITY } from '../../../lib/context/identity.ts';
import { applyScope } from '../../../lib/context/scope.ts';
import type { RankedLabels } from '../../../lib/context/tenant.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { relabelYaml } from '../../../lib/plan/export/relabel-yaml.ts';
import { scrapeRelabelConfigs } from '../../../lib/plan/export/scrape-relabel-configs.ts';
import { parseRelabelConfig } from '../../../lib/relabel/parse-relabel-config.ts';
import { compileRelabelConfigs } from '../../../lib/relabel/relabel.ts';
import { planOf } from '../fixture.ts';

const CONFIGS =
  "[{source_labels: [uri], regex: '(.+)', target_label: asserts_request_context}, {source_labels: [uri], regex: /health, action: drop}, {source_labels: [a], regex: '(.*)-x', target_label: namespace, replacement: '$${1}', separator: '|'}]";

describe('scrapeRelabelConfigs', () => {
  it('does with relabel configs alone what the worker does before any rule', () => {
    const { relabelConfigs } = planOf('x = x', CONFIGS);
    const relabel = compileRelabelConfigs(relabelConfigs);
    const ranked = (own: string) =>
      fc.record(
        { labels: fc.uniqueArray(fc.constantFrom('env', 'stage', own, 'region')), default: fc.constant('dev') },
        { requiredKeys: ['labels'] },
      ) as fc.Arbitrary<RankedLabels>;
    const names = ['env', 'stage', 'region', 'asserts_env', 'asserts_site', 'uri', 'a', 'namespace', 'pod', 'pod_name'];
    const value = fc.constantFrom('a', 'b-x', '/health', 'shop-7d4f9b9c66-x2x4z', 'db-0', 'web-27901234-bcd5f');
    const raw = fc.dictionary(fc.constantFrom(...names, 'workload', 'deployment', 'service_name'), value);
    fc.assert(
      fc.property(
        ranked('asserts_env'),
        ranked('asserts_site'),
        fc.boolean(),
        raw,
        (env, site, workloadFromPod, labels) => {
          const scope = { env, site, identity: { ...DEFAULT_IDENTITY, workloadFromPod } };
          const series = Labels.from({ ...labels, __name__: 'x' });
          const relabelled = relabel(applyScope(series, scope));
          const expected = relabelled && applyIdentity(relabelled, scope.identity);
          const exported = compileRelabelConfigs(scrapeRelabelConfigs({ relabelConfigs }, scope))(series);
          expect(exported?.toString()).toBe(expected?.toString());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('looks for nothing where the source does not', () => {
    const scope = { env: { labels: [], default: 'prod' }, site: { labels: [] } };
    expect(relabelYaml(scrapeRelabelConfigs({ relabelConfigs: [] }, scope))).toBe(
      `  - target_label: "asserts_env"
    replacement: "prod"
  - target_label: "asserts_site"
    replacement: ""
`,
    );
  });

  it('writes YAML that reads as the same configs', () => {
    const { relabelConfigs } = planOf('x = x', CONFIGS);
    const scope = { env: { labels: ['env'] }, site: { labels: ['region'] }, identity: DEFAULT_IDENTITY };
    const configs = scrapeRelabelConfigs({ relabelConfigs }, scope);
    const read = parse(`c:\n${relabelYaml(configs)}`).c.map((value: unknown) => parseRelabelConfig(value));
    expect(read).toEqual(configs.map((config) => ({ config })));
  });
});
