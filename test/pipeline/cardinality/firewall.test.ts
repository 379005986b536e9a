import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS, type Tenant } from '../../../lib/context/tenant.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { type Candidate, Firewall, type Judgement } from '../../../lib/pipeline/cardinality/firewall.ts';
import { GUARDED_AREA } from '../../../lib/pipeline/cardinality/member-budgets.ts';
import { MEMBERS_AREA } from '../../../lib/pipeline/cardinality/member-guard.ts';
import { CONTEXTS_AREA } from '../../../lib/pipeline/cardinality/service-contexts.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';

const DAY = 86_400_000;

describe('Firewall', () => {
  it('folds contexts beyond the budget of their service, and keeps every other label', async () => {
    const { judge } = setUp({ maxRequestContextsPerService: 2 });
    const paths = ['/a', '/b', '/c', '/d'];
    expect(contexts(await judge(paths.map((path) => candidate({ path }))))).toEqual([
      '/a',
      '/b',
      '__other__',
      '__other__',
    ]);
    const [folded] = await judge([candidate({ path: '/d' })]);
    expect(folded?.kind === 'taken' && folded.outputs[0]?.labels.get('path')).toBe('/d');
  });

  it('counts contexts by environment, site, namespace, service, source and request type', async () => {
    const { judge, registers } = setUp({ maxRequestContextsPerService: 1 });
    const changes = ['asserts_env', 'asserts_site', 'namespace', 'job', 'asserts_source', 'asserts_request_type'];
    await judge([candidate({ path: '/a' })]);
    const judged = await judge(changes.map((label) => candidate({ path: '/b', [label]: 'other' })));
    expect(contexts(judged)).toEqual(changes.map(() => '/b'));
    expect(contexts(await judge([candidate({ path: '/b', instance: 'other' })]))).toEqual(['__other__']);
    // A workload names the service better than its job does.
    await judge([candidate({ path: '/a', workload: 'w' })]);
    expect(contexts(await judge([candidate({ path: '/b', workload: 'w', job: 'x' })]))).toEqual(['__other__']);
    const services = await registers.list('acme', CONTEXTS_AREA);
    expect(services.map(({ name }) => name)).toContain('["prod","","","test","inbound","shop"]');
  });

  it('leaves alone what has no context, and what was folded before it came', async () => {
    const { judge, registers } = setUp({ maxRequestContextsPerService: 1 });
    expect(contexts(await judge([candidate({ asserts_request_context: '' })]))).toEqual(['']);
    expect(contexts(await judge([candidate({ asserts_request_context: '__other__' })]))).toEqual(['__other__']);
    expect(await registers.list('acme', CONTEXTS_AREA)).toEqual([]);
  });

  it('refuses the second of two series that only their context told apart', async () => {
    const { judge } = setUp({ maxRequestContextsPerService: 1 });
    const bare = (context: string) => {
      const one = candidate({ path: context });
      const labels = one.outputs[0]?.labels.without('path') ?? Labels.empty;
      return { ...one, outputs: one.outputs.map((output) => ({ ...output, labels })) };
    };
    const [first, second, third] = await judge([bare('/a'), bare('/b'), bare('/c')]);
    expect([first?.kind, second?.kind]).toEqual(['taken', 'taken']);
    expect(third).toMatchObject({ kind: 'refused', reason: 'colliding_series' });
    expect(third?.kind === 'refused' && third.detail).toContain('keep the raw label that the context is made of');
  });

  it('keeps its word: a context that was folded or admitted stays so for another worker', async () => {
    const one = setUp({ maxRequestContextsPerService: 2 });
    const paths = ['/a', '/b', '/c'].map((path) => ({ path }));
    const before = contexts(await one.judge(paths.map(candidate)));
    const two = setUp({ maxRequestContextsPerService: 2 }, one.registers);
    expect(contexts(await two.judge(paths.toReversed().map(candidate)))).toEqual(before.toReversed());
  });

  it('refuses members beyond the budget of their metric, and only of that', async () => {
    const { judge, registers } = setUp({ maxMembersPerMetric: 50 });
    const many = Array.from({ length: 200 }, (_, i) => candidate({ path: `/${i}` }));
    const judged = await judge(many);
    const taken = judged.filter(({ kind }) => kind === 'taken').length;
    expect(Math.abs(taken - 50)).toBeLessThanOrEqual(5);
    expect(judged.find(({ kind }) => kind === 'refused')).toMatchObject({ reason: 'over_member_budget' });
    expect(await judge(many)).toEqual(judged);
    expect((await judge([candidate({ __name__: 'other_total', path: '/1000' })]))[0]?.kind).toBe('taken');
    expect((await registers.read('acme', { area: GUARDED_AREA, name: 'metrics' }))?.value).toEqual([
      'http_total',
      'other_total',
    ]);
  });

  it('spends nothing on metrics that are far from their budget', async () => {
    const { judge, registers } = setUp({ maxMembersPerMetric: 100_000 });
    await judge(Array.from({ length: 1500 }, (_, i) => candidate({ path: `/${i}`, asserts_request_context: '' })));
    expect(await registers.list('acme', MEMBERS_AREA)).toEqual([]);
    expect(await registers.list('acme', GUARDED_AREA)).toEqual([]);
  });

  it('lets a new worker ask the filters of a metric that another one guards from its first series on', async () => {
    const one = setUp({ maxMembersPerMetric: 100 });
    await one.judge(Array.from({ length: 300 }, (_, i) => candidate({ path: `/${i}` })));
    const two = setUp({ maxMembersPerMetric: 100 }, one.registers);
    expect((await two.judge([candidate({ path: '/new' })]))[0]?.kind).toBe('refused');
  });
});

function contexts(judgements: readonly Judgement[]): (string | undefined)[] {
  return judgements.map((one) =>
    one.kind === 'taken' ? one.outputs[0]?.labels.get('asserts_request_context') : one.reason,
  );
}

function candidate(changes: Readonly<Record<string, string>>): Candidate {
  const raw = Labels.from({ __name__: 'http_total', path: '/', job: 'shop', ...changes });
  const labels = Labels.from({
    asserts_env: 'prod',
    asserts_source: 'test',
    asserts_request_type: 'inbound',
    asserts_request_context: changes['path'] ?? '',
    ...raw.toJSON(),
    __name__: 'asserts:request:total',
  });
  const rule = {
    expr: 'x',
    reason: 'read by a rule',
    matchers: [],
    origin: { pack: 'p', file: 'f', line: 1, group: 'g' },
  };
  const output = { labels, map: (value: number) => value, rule } as unknown as Candidate['outputs'][number];
  return { raw, source: 'main', identity: {}, outputs: [output] };
}

function setUp(cardinality: Partial<Tenant['cardinality']>, registers = new MemoryRegisters()) {
  const limits = { maxRequestContextsPerService: 100, maxMembersPerMetric: 200_000, ...cardinality };
  const tenant: Tenant = { name: 'acme', tokens: [], sources: [], limits: DEFAULT_INTAKE_LIMITS, cardinality: limits };
  const firewall = new Firewall({ registers, generationMs: 2 * DAY, now: () => 1000 * DAY });
  const judge = (candidates: readonly Candidate[]) => firewall.judge(tenant, candidates);
  return { judge, registers };
}
