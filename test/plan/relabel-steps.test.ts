import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { RelabelSteps } from '../../lib/plan/relabel-steps.ts';
import { compileRelabelConfigs } from '../../lib/relabel/relabel.ts';
import { planOf } from './fixture.ts';

function stepsOf(configs: string): { of: (name: string) => number[] } {
  const { relabelConfigs } = planOf('x = x', configs);
  const steps = new RelabelSteps(relabelConfigs);
  return { of: (name) => steps.of(name).map(({ config }) => relabelConfigs.indexOf(config)) };
}

const OF_HTTP = "{source_labels: [__name__, uri], regex: 'http_(?:a|b)_[^;]+;(.+)', target_label: path}";

describe('RelabelSteps', () => {
  it('finds what can do anything to a metric, in its order', () => {
    const steps = stepsOf(`[${OF_HTTP}, {source_labels: [zone], target_label: site}]`);
    expect(steps.of('http_a_total')).toEqual([0, 1]);
    expect(steps.of('http_c_total')).toEqual([1]);
  });

  it('shows every metric to what acts on series that do not match', () => {
    const keep = "{source_labels: [__name__, uri], regex: 'http_[^;]+;(.+)', action: keep}";
    expect(stepsOf(`[${keep}]`).of('other')).toEqual([0]);
  });

  it('shows everything to everything where a config renames metrics', () => {
    const rename = "{source_labels: [__name__], regex: 'old_(.+)', target_label: __name__}";
    expect(stepsOf(`[${rename}, ${OF_HTTP}]`).of('old_http_a_total')).toEqual([0, 1]);
  });

  it('does what all configs together do', () => {
    const { relabelConfigs } = planOf(
      'x = x',
      `[${OF_HTTP}, ${OF_HTTP.replace('http', 'grpc')}, {source_labels: [__name__, path], regex: 'http_[^;]+;/x', action: drop}]`,
    );
    const steps = new RelabelSteps(relabelConfigs);
    const all = compileRelabelConfigs(relabelConfigs);
    for (const __name__ of ['http_a_x', 'grpc_a_x', 'http_c', 'x']) {
      for (const uri of ['/x', '/y', '']) {
        const labels = Labels.from({ __name__, uri });
        const stepped = steps
          .of(__name__)
          .reduce<Labels | undefined>((inner, { relabel }) => inner && relabel(inner), labels);
        expect(stepped?.toString()).toBe(all(labels)?.toString());
      }
    }
  });
});
