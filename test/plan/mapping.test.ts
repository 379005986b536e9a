import { describe, expect, it } from 'vitest';
import { RegexpError } from '../../lib/model/regexp.ts';
import { compileMapping } from '../../lib/plan/mapping.ts';
import type { MappingRule, MappingStep } from '../../lib/plan/plan.ts';
import { series } from '../model/series.ts';

function mapping(steps: MappingStep[], labels: Record<string, string> = {}): MappingRule {
  const origin = { pack: 'p', file: 'f', line: 1, group: 'g' };
  return { record: 'r', expr: 'x', matchers: [{ type: '=', name: '__name__', value: 'x' }], steps, labels, origin };
}

describe('compileMapping', () => {
  it('lets the record and the labels of the rule win over everything', () => {
    const step: MappingStep = { kind: 'label_join', targetLabel: '__name__', separator: '', sourceLabels: ['a'] };
    const { mapLabels } = compileMapping(mapping([step], { a: '9', b: '', asserts_name: 'own' }));
    expect(mapLabels(series('x{a="1",b="2",c="3"}'), 'raw')).toEqual(series('r{a="9",asserts_name="own",c="3"}'));
  });

  it('folds a request context that a step or the rule wrote', () => {
    const step: MappingStep = {
      kind: 'label_replace',
      targetLabel: 'asserts_request_context',
      replacement: '/$1',
      sourceLabel: 'a',
      regex: '(.*)',
    };
    expect(
      compileMapping(mapping([step]))
        .mapLabels(series('x{a="12"}'), 'x')
        .get('asserts_request_context'),
    ).toBe('/{}');
    expect(
      compileMapping(mapping([], { asserts_request_context: '/a/1' }))
        .mapLabels(series('x'), 'x')
        .get('asserts_request_context'),
    ).toBe('/a/{}');
  });

  it('scales in the order written', () => {
    const { mapValue } = compileMapping(
      mapping([
        { kind: 'divide', operand: 10 },
        { kind: 'multiply', operand: 3 },
      ]),
    );
    expect(mapValue(7)).toBe((7 / 10) * 3);
    expect(mapValue(7)).not.toBe((7 * 3) / 10);
    expect([mapValue(Infinity), mapValue(-0)]).toEqual([Infinity, -0]);
  });

  it('refuses a plan whose regex is not valid', () => {
    const step: MappingStep = {
      kind: 'label_replace',
      targetLabel: 'a',
      replacement: '',
      sourceLabel: 'a',
      regex: '(',
    };
    expect(() => compileMapping(mapping([step]))).toThrow(RegexpError);
  });
});
