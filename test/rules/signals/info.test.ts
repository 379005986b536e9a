import { describe, expect, it } from 'vitest';
import { contextualizeBy, expand, planOfSignals } from './expand.ts';

const head = 'kind: info, name: n, source: redis, version_type: service, metric: redis_instance_info';

describe('info', () => {
  it('gives the version of what runs', () => {
    const signal = `  - {${head}, version_label: redis_version}`;
    expect(expand(signal)).toBe(
      'asserts:version:info{source=redis version_type=service} = label_replace(redis_instance_info{redis_version!=""}, "version", "$1", "redis_version", "(.+)")',
    );
    const plan = planOfSignals(signal);
    expect(contextualizeBy(plan, 'redis_instance_info{redis_version="7.2"}')).toEqual([
      'asserts:version:info 8000 version=7.2',
    ]);
    expect(contextualizeBy(plan, 'redis_instance_info')).toEqual(['no_rule_matched']);
  });

  it('reads the label version unless told otherwise', () => {
    expect(contextualizeBy(planOfSignals(`  - {${head}}`), 'redis_instance_info{version="1"}')).toEqual([
      'asserts:version:info 8000 version=1',
    ]);
  });
});
