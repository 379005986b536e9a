import { describe, expect, it } from 'vitest';
import { contextualizeBy, planOfSignals, relabelOf } from './expand.ts';

const head = 'kind: requestRate, name: n, source: s, request_type: inbound, metric: x_total, type: counter';

describe('contextConfigs', () => {
  it('takes the first template whose labels all have a value', () => {
    const plan = planOfSignals(`  - {${head}, context: ['{method} {route}', '{path}', all]}`);
    const context = (labels: string) => contextualizeBy(plan, `x_total{${labels}}`);
    expect(context('method="GET",route="/a",path="/b"')).toEqual(['asserts:request:total 8000 request_context=GET /a']);
    expect(context('method="GET",path="/b"')).toEqual(['asserts:request:total 8000 request_context=/b']);
    expect(context('method="GET"')).toEqual(['asserts:request:total 8000 request_context=all']);
  });

  it('keeps text as it is, references included', () => {
    const plan = planOfSignals(`  - {${head}, context: 'a$1\${b}-{c}/{c}'}`.replace('${b}', '$b'));
    expect(contextualizeBy(plan, 'x_total{c="v"}')).toEqual(['asserts:request:total 8000 request_context=a$1$b-v/v']);
  });

  it.each([
    ['/metrics', true],
    ['/health', true],
    ['/healthz/live', true],
    ['/readyz', true],
    ['/readiness', true],
    ['/livez', true],
    ['/-/healthy', true],
    ['/shop/actuator/prometheus', true],
    ['GET /health', true],
    ['/healthcare/claims', false],
    ['/live/stream', false],
    ['/already', false],
  ])('of health endpoints: %s', (route, isHealth) => {
    const plan = planOfSignals(`  - {${head}, context: '{method} {route}'}`);
    const [result] = contextualizeBy(plan, `x_total{method="GET",route="${route}"}`);
    expect(result === 'relabel_drop').toBe(isHealth);
  });

  it('keeps health endpoints of other directions, and where it is told to', () => {
    const route = `context: '{route}'`;
    expect(relabelOf(`  - {${head}, ${route}}`)).toContain('-> drop');
    expect(relabelOf(`  - {${head}, ${route}, exclude_health: false}`)).not.toContain('-> drop');
    expect(relabelOf(`  - {${head.replace('inbound', 'outbound')}, ${route}}`)).not.toContain('-> drop');
  });

  it('tells families of one name apart by any matcher', () => {
    const family = (name: string, where: string, context: string) =>
      `  - {${head.replace('name: n, source: s', `name: ${name}, source: ${name}`)}, where: '${where}', context: '${context}'}`;
    const plan = planOfSignals(
      [
        family('go', 'code!="", job!~"odd|.*-old", job!="x"', '{handler}'),
        family('node', 'code="", status=~"[1-5]..", job=~"(a|b)+"', '{path}'),
      ].join('\n'),
    );
    const raw = (labels: string) => contextualizeBy(plan, `x_total{handler="H",path="P",${labels}}`);
    expect(raw('code="200"')).toEqual(['asserts:request:total 8000 request_context=H']);
    expect(raw('code="200",job="odd"')).toEqual(['no_rule_matched']);
    expect(raw('status="200",job="ab"')).toEqual(['asserts:request:total 8000 request_context=P']);
    expect(raw('status="200",job="x"')).toEqual(['no_rule_matched']);
  });

  it('takes its marks off again', () => {
    const signal = `  - {${head}, where: 'job!~"odd"', context: '{handler}', exclude_health: false}`;
    expect(relabelOf(signal)).toBe(
      `
[__name__, job] x_total;(?:odd) -> __excluded: yes
[__name__, __excluded, handler] x_total;;(?P<handler>.+) -> asserts_request_context: \${handler}
[__name__, __excluded] x_total;yes -> __excluded: 
`
        .trimStart()
        .replace(/\n$/, ''),
    );
    const other = `  - {${head.replace('name: n, source: s', 'name: o, source: o')}, where: 'job="odd"'}`;
    expect(contextualizeBy(planOfSignals(`${signal}\n${other}`), 'x_total{job="odd",handler="H"}')).toEqual([
      'asserts:request:total 8000',
    ]);
  });
});
