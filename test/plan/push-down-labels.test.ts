import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { mayConcern } from '../../lib/plan/push-down-labels.ts';
import { compileRelabelConfigs } from '../../lib/relabel/relabel.ts';
import { planOf } from './fixture.ts';

const configOf = (text: string) => {
  const [config] = planOf('a = b', `[${text}]`).relabelConfigs;
  if (config === undefined) throw new Error(`${text} is no relabel config`);
  return config;
};

describe('mayConcern', () => {
  it.each([
    [
      'source_labels: [__name__], regex: "up|down_.*", target_label: asserts_request_context, replacement: x',
      'up',
      true,
    ],
    [
      'source_labels: [__name__], regex: "up|down_.*", target_label: asserts_request_context, replacement: x',
      'upper',
      false,
    ],
    ['source_labels: [__name__], regex: "up|down_.*", action: drop', 'down_b', true],
    ['source_labels: [__name__], regex: "up|down_.*", action: drop', 'other', false],
    ['source_labels: [__name__], target_label: asserts_request_context', 'other', true],
    ['source_labels: [__name__, job], regex: "up;.+", target_label: asserts_request_context', 'up', true],
    ['source_labels: [__name__, job], regex: "up;.+", target_label: asserts_request_context', 'upper', false],
    ['source_labels: [job], regex: "up", target_label: asserts_request_context', 'other', true],
    ['source_labels: [__name__], regex: "up", action: keep', 'other', true],
  ])('%s about %s: %s', (text, metric, expected) => {
    expect(mayConcern(configOf(`{${text}}`), metric)).toBe(expected);
  });

  it('spares no series that the config would have changed', () => {
    const names = fc.constantFrom('up', 'upper', 'down', 'down_b', 'other');
    const regexes = fc.constantFrom(
      'up',
      'up|down_.*',
      '.*',
      'u.*',
      '(?:up|other)',
      'up;a',
      'up;.*',
      '(up|down);(.+)',
      '.+;a|b',
    );
    const sources = fc.constantFrom('__name__', '__name__, job');
    const actions = fc.constantFrom('action: drop', 'target_label: asserts_request_context, replacement: x');
    fc.assert(
      fc.property(names, regexes, sources, actions, (name, regex, source, action) => {
        const config = configOf(`{source_labels: [${source}], regex: ${JSON.stringify(regex)}, ${action}}`);
        const series = Labels.from({ __name__: name, job: 'a' });
        const changed = compileRelabelConfigs([config])(series);
        expect(changed === undefined || !changed.equals(series) ? mayConcern(config, name) : true).toBe(true);
      }),
    );
  });
});
