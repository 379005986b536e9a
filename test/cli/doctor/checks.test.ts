import { describe, expect, it } from 'vitest';
import { checkClock, checkFreshness } from '../../../lib/cli/doctor/check-clock.ts';
import { checkPacks } from '../../../lib/cli/doctor/check-packs.ts';
import { expectSeries } from '../../../lib/cli/doctor/expect-series.ts';
import { explainFailure } from '../../../lib/cli/doctor/explain-failure.ts';
import { identifyServer } from '../../../lib/cli/doctor/identify-server.ts';
import { Probe } from '../../../lib/cli/doctor/probe.ts';
import { newRemoteClient } from '../../../lib/remote/remote-client.ts';
import { FAILURE_REASONS, RemoteError } from '../../../lib/remote/remote-error.ts';
import { series } from '../../model/series.ts';
import { planOf } from '../../plan/fixture.ts';
import { LOCAL_ACCESS } from '../../remote/fake-server.ts';
import { startFakePrometheus } from './fake-prometheus.ts';

const probed = (date: string | undefined, sent: number, received: number) => ({
  status: 200,
  headers: date === undefined ? {} : { date },
  body: Buffer.alloc(0),
  sent,
  received,
});

describe('checkClock', () => {
  const at = Date.parse('2026-01-01T00:00:10Z');

  it('forgives whole seconds and the way there and back', () => {
    expect(checkClock(probed(new Date(at).toUTCString(), at, at + 900)).verdict).toBe('ok');
    expect(checkClock(probed(new Date(at + 7000).toUTCString(), at, at + 8000)).verdict).toBe('ok');
  });

  it('warns of skew, and calls it broken where samples would be refused', () => {
    expect(checkClock(probed(new Date(at - 60_000).toUTCString(), at, at))).toMatchObject({
      verdict: 'warning',
      message: 'its clock is 59.5 s behind this one',
    });
    expect(checkClock(probed(undefined, at, at), { own: at + 700_000 }).verdict).toBe('broken');
  });

  it('believes the time of the server before that of what stands in front of it', () => {
    expect(checkClock(probed(new Date(at + 90_000).toUTCString(), at, at), { own: at + 100 }).verdict).toBe('ok');
  });

  it('says where nothing tells the time', () => {
    expect(checkClock(probed(undefined, at, at)).verdict).toBe('note');
  });
});

describe('checkPacks', () => {
  const pack = (isUsed: boolean) => ({
    name: 'k',
    isUsed,
    count: 2,
    usesName: (name: string) => /^(up|kube)/.test(name),
  });

  it('proposes no pack for what every Prometheus has', () => {
    expect(checkPacks([pack(false)], ['up', 'shop'])).toEqual([]);
    expect(checkPacks([pack(false)], ['up', 'kube_pod'])).toMatchObject([
      { remedy: 'add k to packs in tributary.yml' },
    ]);
    expect(checkPacks([pack(true)], ['up'])).toMatchObject([
      { verdict: 'ok', message: 'k finds 1 of its 2 metrics: up' },
    ]);
  });
});

describe('checkFreshness', () => {
  it('knows old, new and future', () => {
    expect(checkFreshness(undefined, 0)).toEqual([]);
    expect(checkFreshness(990_000, 1_000_000)).toMatchObject([{ verdict: 'ok', message: 'the newest is 10 s old' }]);
    expect(checkFreshness(1000, 1_000_000)).toMatchObject([{ verdict: 'warning' }]);
    expect(checkFreshness(1_030_000, 1_000_000)).toMatchObject([{ message: 'the newest is 30 s ahead' }]);
  });
});

describe('identifyServer', () => {
  it.each([
    [{ build: { version: '2.42.0' } }, 'Prometheus 2.42.0', 'ok'],
    [{ build: { version: '2.20.1' } }, 'Prometheus 2.20.1', 'warning'],
    [{ build: { version: '3.5.0' } }, 'Prometheus 3.5.0', 'ok'],
    [{ build: { version: '0.37.2' } }, 'Thanos 0.37.2', 'ok'],
    [{ build: { version: '2.14.0', application: 'Grafana Mimir' } }, 'Grafana Mimir 2.14.0', 'ok'],
    [{ build: { version: '2.14.0', features: { ruler: 'true' } } }, 'Grafana Mimir 2.14.0', 'ok'],
    [{ build: {}, headers: { 'x-server-hostname': 'vm' } }, 'VictoriaMetrics', 'ok'],
    [{}, 'a server with the API of Prometheus', 'ok'],
  ])('knows %j', async (fake, message, verdict) => {
    const server = await startFakePrometheus({ series: [], ...fake });
    const client = newRemoteClient({ url: server.url, access: LOCAL_ACCESS, secret: (text) => text });
    const probe = new Probe(client, { timeout: 2000, total: 5000 });
    const answer = await probe.get('/api/v1/query', [['query', 'time()']]);
    expect((await identifyServer(probe, answer)).finding).toMatchObject({ message, verdict });
    client.close();
    await server.close();
  });
});

describe('explainFailure', () => {
  it('has a remedy for every reason, and passes faults of ours on', () => {
    for (const reason of FAILURE_REASONS) {
      const finding = explainFailure('reach', new RemoteError(reason, 'why'));
      expect(finding).toMatchObject({
        verdict: 'broken',
        message: `${reason}: why`,
        remedy: expect.stringMatching(/.{20}/),
      });
    }
    const bug = new Error('BUG');
    expect(() => explainFailure('reach', bug)).toThrow(bug);
  });
});

describe('expectSeries', () => {
  const plan = planOf(
    'x:a = a{kind!="no"}\nx:b = b\nx:sum = sum by (job) (x:a)\nx:rate = rate(x:b[5m])\nx:none = x:a > 1e9',
  );
  const scope = { env: { labels: ['env'] }, site: { labels: ['region'] } };

  it('counts what becomes of raw series', async () => {
    const raw = [
      'a{env="p",job="1",kind="yes",region="eu"}',
      'a{env="p",job="1",kind="more"}',
      'a{env="p",job="2",kind="no"}',
      'a{job="3"}',
      'b{env="p"}',
      'c{env="p"}',
    ].map((text) => series(text));
    const expected = await expectSeries(raw, plan, scope);
    // Two of a and one of b; the sum for job 1, and the rate.
    expect(expected).toMatchObject({ selected: 4, contextualized: 3, derived: 2, withoutSite: 2 });
    expect([...expected.dropped]).toEqual([
      ['no_asserts_env', { count: 1, series: series('a{job="3"}'), detail: expect.stringContaining('none of env') }],
    ]);
  });

  it('has nothing to say of nothing', async () => {
    expect(await expectSeries([], plan, scope)).toMatchObject({ selected: 0, contextualized: 0, derived: 0 });
  });
});
