import { beforeAll, describe, expect, it } from 'vitest';
import { Matcher } from '../../lib/model/matcher.ts';
import type { Explanation } from '../../lib/pipeline/explain/explanation.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { type DemoRiver, runDemoRiver } from '../local/demo/demo-river.ts';
import { apiOf, get, postForm } from './fixture.ts';

/** The parts of an answer that are looked at. */
interface Answered {
  readonly error?: string;
  readonly data: { readonly explanation: Explanation };
}

let river: DemoRiver;

beforeAll(async () => {
  river = await runDemoRiver(7, 'groups: []');
}, 60_000);

function ask(series: string, rest = '') {
  const { plan, storage, tenant, end } = river;
  const api = apiOf({
    plan,
    storage,
    tenants: [tenant],
    anonymousTenant: tenant.name,
    engine: new Engine(),
    now: () => end,
  });
  return api.fetch(get(`/api/v1/explain?series=${encodeURIComponent(series)}${rest}`));
}

describe('/api/v1/explain', () => {
  it('explains a normalised series, from the exporter on', async () => {
    const answer = (await (
      await ask('asserts:request:total{job="catalog",code="200",handler="/products"}')
    ).json()) as Answered;
    expect(answer).toMatchObject({
      status: 'success',
      data: {
        plan: river.plan.version,
        matching: 3,
        explanation: {
          kind: 'normalised',
          rules: [
            {
              kind: 'mapping',
              name: 'asserts:request:total',
              origin: { pack: 'http', file: 'rules/packs/http/rules.yml' },
            },
          ],
          raw: { series: expect.stringContaining('env="prod", handler="/products", instance="catalog-0:9100"') },
          sources: [{ name: 'prometheus', type: 'remote_write' }],
        },
      },
    });
    const { steps = [] } = answer.data.explanation;
    expect(steps[0]).toMatchObject({
      step: 'scope',
      what: 'asserts_env from label env, asserts_site from label region',
    });
    expect(steps.at(-1)).toMatchObject({ step: 'mapping' });
  });

  it('explains a derived series down to raw ones, as wide as it is asked to', async () => {
    const series = 'asserts:request:rate5m{job="catalog",asserts_request_context="/products"}';
    const { data } = (await (await ask(series, '&breadth=1')).json()) as Answered;
    const { explanation } = data;
    expect(explanation).toMatchObject({ kind: 'derived', rules: [{ origin: { file: 'rules/packs/red/rules.yml' } }] });
    expect(explanation.evaluation?.value).toBe(explanation.samples.at(-1)?.value);
    const [input] = explanation.inputs ?? [];
    expect(input?.found).toBeGreaterThan(3);
    expect(input?.series).toHaveLength(1);
    expect(input?.series[0]).toMatchObject({ kind: 'normalised', raw: { series: expect.stringMatching(/^http_/) } });
    const narrow = (await (await ask(series, '&breadth=0')).json()) as Answered;
    expect(narrow.data.explanation.inputs?.[0]?.series).toEqual([]);
  });

  it('explains what is not stored by the plan alone, and says what it does not know', async () => {
    const unknown = (await (await ask('nobody:records{job="x"}')).json()) as Answered;
    expect(unknown.data.explanation).toMatchObject({
      kind: 'unknown',
      rules: [],
      note: expect.stringContaining('no rule'),
    });
    const other = (await (await ask('asserts:request:rate5m{shape="odd"}')).json()) as Answered;
    expect(other.data.explanation).toMatchObject({ kind: 'unknown', note: expect.stringContaining('none of them') });
  });

  it.each([
    ['', 400, 'invalid parameter "series": is missing'],
    ['a{', 400, 'invalid parameter "series": '],
    ['{__name__=~"nothing.+"}', 404, 'no series matches'],
  ])('refuses %j', async (series, status, error) => {
    const response = await ask(series);
    expect(response.status).toBe(status);
    expect(((await response.json()) as Answered).error).toContain(error);
  });

  it('refuses a breadth out of bounds, and takes a form', async () => {
    expect((await ask('a', '&breadth=11')).status).toBe(400);
    const { plan, storage, tenant, end } = river;
    const api = apiOf({
      plan,
      storage,
      tenants: [tenant],
      anonymousTenant: tenant.name,
      engine: new Engine(),
      now: () => end,
    });
    const response = await api.fetch(postForm('/api/v1/explain', { series: 'asserts:version:info' }));
    expect(response.status).toBe(200);
  });

  it('shows a tenant nothing of another', async () => {
    const [mine] = await river.storage
      .querier(river.tenant.name)
      .series({ mint: 0, maxt: river.end }, new Matcher('=', '__name__', 'asserts:request:total'));
    const other = { ...river.tenant, name: 'other', tokens: [] };
    const { plan, storage, end } = river;
    const api = apiOf({
      plan,
      storage,
      tenants: [other],
      anonymousTenant: 'other',
      engine: new Engine(),
      now: () => end,
    });
    const response = await api.fetch(get(`/api/v1/explain?series=${encodeURIComponent(String(mine))}`));
    const answer = (await response.json()) as Answered;
    expect(answer.data.explanation.samples).toEqual([]);
  });
});
