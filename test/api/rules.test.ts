import { describe, expect, it } from 'vitest';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { planOfRules } from '../pipeline/evaluate/run-rules.ts';
import { apiOf, get } from './fixture.ts';

const PLAN = planOfRules(
  `groups:
  - name: one
    rules:
      - {record: "job:foo:sum", expr: "sum by(job)(foo)"}
      - {record: "job:bar:sum", expr: "sum(bar)", labels: {kind: "b<a>", env: prod}}
      - alert: High
        expr: foo > 1
        for: 90s
        keep_firing_for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $value }} & more"}
`,
  `groups:
  - {name: two, interval: 30s, limit: 4, rules: [{alert: Quiet, expr: bar > 1}]}
  - {name: three, rules: [{record: "c:c", expr: "count(foo)"}]}
`,
);

const ALERT = {
  labels: { severity: 'page', alertname: 'High', instance: 'a' },
  annotations: { summary: '2 & more' },
  state: 'firing',
  activeAt: 1795347825426,
  value: '2e+00',
} as const;

async function api() {
  const ruleState = new MemoryRuleState();
  await ruleState.replace('acme', 0, {
    planVersion: PLAN.version,
    evaluatedTo: 1,
    skipped: 0,
    groups: {
      'rules0.yml;one': {
        lastEvaluation: 1795347940428,
        evaluationSeconds: 0.014582098,
        rules: {
          'recording job:foo:sum {}': {
            health: 'ok',
            lastEvaluation: 1795347940000,
            evaluationSeconds: 0.008185091,
            alerts: [],
          },
          'recording job:bar:sum {"env":"prod","kind":"b<a>"}': {
            health: 'err',
            lastError: 'cannot "x"',
            lastEvaluation: 1795347940437,
            evaluationSeconds: 1 / 3,
            alerts: [],
          },
          'alerting High {"severity":"page"}': {
            health: 'ok',
            lastEvaluation: 1795347940439,
            evaluationSeconds: 0.5,
            alerts: [
              ALERT,
              { ...ALERT, state: 'pending', keepFiringSince: 1795347826000, labels: { alertname: 'High' } },
            ],
          },
        },
      },
    },
  });
  return apiOf({ plan: PLAN, ruleState });
}

async function ask(path: string): Promise<string> {
  return (await (await api()).fetch(get(`/api/v1/${path}`))).text();
}

/** `group/rule` of what is listed. */
async function names(query: string): Promise<string[]> {
  const { data } = JSON.parse(await ask(`rules?${query}`));
  return data.groups.flatMap((group: { name: string; rules: { name: string }[] }) =>
    group.rules.map((rule) => `${group.name}/${rule.name}`),
  );
}

const ALERTS_JSON =
  '[{"labels":{"alertname":"High","instance":"a","severity":"page"},"annotations":{"summary":"2 & more"},"state":"firing",' +
  '"activeAt":"2026-11-22T11:43:45.426Z","value":"2e+00"},{"labels":{"alertname":"High"},"annotations":{"summary":"2 & more"},' +
  '"state":"pending","activeAt":"2026-11-22T11:43:45.426Z","keepFiringSince":"2026-11-22T11:43:46Z","value":"2e+00"}]';

describe('GET /api/v1/rules', () => {
  it('answers key by key as Prometheus does', async () => {
    expect(await ask('rules?rule_group[]=one')).toBe(
      '{"status":"success","data":{"groups":[{"name":"one","file":"rules0.yml","rules":[' +
        '{"name":"job:foo:sum","query":"sum by (job) (foo)","health":"ok","evaluationTime":0.008185091,' +
        '"lastEvaluation":"2026-11-22T11:45:40Z","type":"recording"},' +
        '{"name":"job:bar:sum","query":"sum(bar)","labels":{"env":"prod","kind":"b<a>"},"health":"err",' +
        '"lastError":"cannot \\"x\\"","evaluationTime":0.333333333,"lastEvaluation":"2026-11-22T11:45:40.437Z","type":"recording"},' +
        '{"state":"firing","name":"High","query":"foo \\u003e 1","duration":90,"keepFiringFor":60,"labels":{"severity":"page"},' +
        `"annotations":{"summary":"{{ $value }} & more"},"alerts":${ALERTS_JSON},"health":"ok","evaluationTime":0.5,` +
        '"lastEvaluation":"2026-11-22T11:45:40.439Z","type":"alerting"}],' +
        '"interval":60,"limit":0,"evaluationTime":0.014582098,"lastEvaluation":"2026-11-22T11:45:40.428Z"}]}}',
    );
  });

  it('shows rules that were never evaluated as Prometheus shows them', async () => {
    expect(await ask('rules?rule_group[]=two')).toBe(
      '{"status":"success","data":{"groups":[{"name":"two","file":"rules1.yml","rules":[{"state":"inactive","name":"Quiet",' +
        '"query":"bar \\u003e 1","duration":0,"keepFiringFor":0,"labels":{},"annotations":{},"alerts":[],"health":"unknown",' +
        '"evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z","type":"alerting"}],"interval":30,"limit":4,' +
        '"evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z"}]}}',
    );
  });

  it('lists what it is asked for', async () => {
    const all = ['one/job:foo:sum', 'one/job:bar:sum', 'one/High', 'two/Quiet', 'three/c:c'];
    expect(await names('')).toEqual(all);
    expect(await names('type=Record')).toEqual(['one/job:foo:sum', 'one/job:bar:sum', 'three/c:c']);
    expect(await names('type=alert')).toEqual(['one/High', 'two/Quiet']);
    expect(await names('rule_name[]=High&rule_name[]=c:c')).toEqual(['one/High', 'three/c:c']);
    expect(await names('rule_group[]=two&rule_group[]=three')).toEqual(['two/Quiet', 'three/c:c']);
    expect(await names('file[]=rules1.yml')).toEqual(['two/Quiet', 'three/c:c']);
    expect(await names('match[]={severity="page"}&match[]={env=~"p.*"}')).toEqual(['one/job:bar:sum', 'one/High']);
    expect(
      JSON.parse(await ask('rules?exclude_alerts=true&rule_name[]=High')).data.groups[0].rules[0].alerts,
    ).toBeNull();
  });

  it('pages through groups', async () => {
    const first = JSON.parse(await ask('rules?group_limit=2')).data;
    expect(first.groups.map(({ name }: { name: string }) => name)).toEqual(['one', 'two']);
    expect(first.groupNextToken).toMatch(/^[0-9a-f]{40}$/);
    const second = JSON.parse(await ask(`rules?group_limit=2&group_next_token=${first.groupNextToken}`)).data;
    expect(second.groups.map(({ name }: { name: string }) => name)).toEqual(['three']);
    expect(second).not.toHaveProperty('groupNextToken');
  });

  it.each([
    ['type=both', 'invalid parameter \\"type\\": not supported value \\"both\\"'],
    ['exclude_alerts=maybe', 'error converting exclude_alerts: strconv.ParseBool: parsing \\"maybe\\": invalid syntax'],
    ['group_limit=x', 'group_limit needs to be a valid number'],
    ['group_limit=0', 'group_limit needs to be greater than 0'],
    ['group_next_token=abc', 'group_limit needs to be present in order to paginate over the groups'],
    ['group_limit=1&group_next_token=abc', "invalid group_next_token 'abc'. were rule groups changed?"],
    ['match[]={', 'unexpected end of input'],
  ])('refuses %s', async (query, message) => {
    const response = await (await api()).fetch(get(`/api/v1/rules?${query}`));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(message);
  });
});

describe('GET /api/v1/alerts', () => {
  it('answers with what is pending or firing', async () => {
    expect(await ask('alerts')).toBe(`{"status":"success","data":{"alerts":${ALERTS_JSON}}}`);
  });

  it('answers with none before the first evaluation', async () => {
    const response = await apiOf({ plan: PLAN }).fetch(get('/api/v1/alerts'));
    expect(await response.text()).toBe('{"status":"success","data":{"alerts":[]}}');
  });
});
