import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../../lib/plan/compile-plan.ts';
import { parseSignalsFile } from '../../../lib/rules/signals/parse-signals-file.ts';
import { mistakesOf } from './expand.ts';

const RATE = 'kind: requestRate, source: s, request_type: inbound, type: counter';

describe('parseSignalsFile', () => {
  it('makes a group of each signal, whose rules have its lines', () => {
    const { ruleFile, relabelFile } = parseSignalsFile(
      'rules/own/signals.yml',
      `signals:
  - kind: requestRate
    name: shop
    source: shop
    request_type: inbound
    metric: shop_requests_total
    type: counter
    context: '{path}'
    errors:
      - {type: server_errors, when: 'result="failed"'}
`,
    );
    expect(ruleFile.file).toBe('rules/own/signals.yml');
    expect(ruleFile.groups).toMatchObject([{ name: 'shop', limit: 0, rules: [{ line: 2 }, { line: 10 }] }]);
    expect(ruleFile.groups[0]?.rules[0]?.lines).toMatchObject({ 'labels.asserts_source': 4, record: 2 });
    expect(relabelFile.configs.map(({ line }) => line)).toEqual([8, 8]);
  });

  it('lets mistakes of the vocabulary point at the key they come from', () => {
    const { ruleFile, relabelFile } = parseSignalsFile(
      's.yml',
      `signals:\n  - {kind: requestRate, name: n, request_type: inbound, metric: x, type: counter,\n     source: Shop}`,
    );
    const files = { ruleFiles: [ruleFile], relabelFiles: [relabelFile] };
    expect(() => compilePlan({ packs: [{ name: 'p', description: '', strict: true, ...files }] })).toThrow(
      /^s\.yml:3: labels\.asserts_source: "Shop" is not a value of asserts_source/,
    );
  });

  it('reads a file without signals', () => {
    expect(parseSignalsFile('s.yml', 'signals: []')).toEqual({
      ruleFile: { file: 's.yml', groups: [] },
      relabelFile: { file: 's.yml', configs: [] },
    });
  });

  it.each([
    ['  - 1', 'signals[0]: must be a map that begins with `kind:`'],
    [
      '  - {kind: rate}',
      'signals[0].kind: must be one of histogram, requestRate, requestError, latencyAverage, latencyQuantile, utilisation, resource, info, relation',
    ],
    [`  - {${RATE}, metric: x}`, 'signals[0].name: is missing; give the signal a name'],
    [
      `  - {${RATE}, name: n, metric: x, unit: s}`,
      'signals[0].unit: is not a key that is known here; remove it or use one of',
    ],
    [`  - {${RATE}, name: n, metric: 'sum(x)'}`, 'signals[0].metric: "sum(x)" is more than a selector'],
    [`  - {${RATE}, name: n, metric: 'x offset 5m'}`, 'signals[0].metric: "x offset 5m" is more than a selector'],
    [`  - {${RATE}, name: n, metric: '{a="b"}'}`, 'signals[0].metric: "{a=\\"b\\"}" does not name one metric'],
    [
      `  - {${RATE}, name: n, metric: 'x{'}`,
      'signals[0].metric: "x{" cannot be read as PromQL: unexpected end of input',
    ],
    [`  - {${RATE}, name: n, metric: x, where: 'code="5'}`, 'signals[0].where: "code=\\"5" cannot be read as PromQL: '],
    [`  - {${RATE}, name: n, metric: x, where: '__name__="y"'}`, 'signals[0].where: "__name__=\\"y\\"" names a metric'],
    [`  - {${RATE}, name: n, metric: x, where: 'a="b"} or y{'}`, 'signals[0].where: "a=\\"b\\"} or y{" is more than'],
    [`  - {${RATE}, name: n, metric: x, where: 'a=~"("'}`, 'signals[0].where: '],
    [`  - {${RATE}, name: n, metric: x, context: '{a'}`, 'signals[0].context'],
    [`  - {${RATE}, name: n, metric: x, context: ['{a b}']}`, 'signals[0].context'],
    [`  - {${RATE}, name: n, metric: x, errors: [{when: ''}]}`, 'signals[0].errors[0].type: is missing; give the type'],
    [`  - {${RATE}, name: n, metric: x, labels: {a-b: c}}`, 'signals[0].labels.a-b: "a-b" is not a label name'],
  ])('%s', (signal, message) => {
    expect(mistakesOf(signal)).toContain(`signals.yml:2: ${message}`);
  });

  it('tells all mistakes at once, and names that are there twice', () => {
    expect(mistakesOf(`  - {${RATE}, name: n, metric: x}\n  - {${RATE}, name: n, metric: '1x'}`)).toMatch(
      /signals\.yml:3: signals\[1\]\.metric: .*\nsignals\.yml:3: signals\[1\]\.name: signal "n" is in this file twice; rename one of them/,
    );
  });
});
