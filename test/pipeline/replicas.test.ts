import { describe, expect, it } from 'vitest';
import {
  DEFAULT_HIGH_AVAILABILITY,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type RemoteWriteSource,
  type Source,
  type Tenant,
} from '../../lib/context/tenant.ts';
import { Labels } from '../../lib/model/labels.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { readArrivals } from '../../lib/pipeline/read-arrivals.ts';
import { electLeaders } from '../../lib/pipeline/replicas.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { nativeHistogram } from '../receiver/messages.ts';

const T = 1_795_000_000_000;
const PLAIN: RemoteWriteSource = { name: 'main', type: 'remote_write', tokens: ['t'], scope: DEFAULT_SCOPE };
const PAIR: RemoteWriteSource = { ...PLAIN, ha: DEFAULT_HIGH_AVAILABILITY };

describe('electLeaders', () => {
  it('takes the samples of the leader alone, without the replica label and with the cluster label', async () => {
    const { take } = setUp(PAIR);
    const ofA = series('a', [0, 15_000]);
    const ofB = series('b', [5000, 20_000, 60_000]);
    const [first, second] = await take([ofA, ofB]);
    expect(first?.raw.toString()).toBe('up{cluster="eu", job="x"}');
    expect(first?.samples).toEqual(ofA.samples);
    expect(first?.left).toBe(0);
    expect(second?.raw.equals(first?.raw ?? Labels.empty)).toBe(true);
    // 45 s after the last sample of a began b's time.
    expect(second?.samples.map(({ timestamp }) => timestamp - T)).toEqual([60_000]);
    expect(second).toMatchObject({ left: 2, detail: '__replica__ a of cluster "eu" led at that time' });
  });

  it('judges native histograms as it judges samples', async () => {
    const { take } = setUp(PAIR);
    const histogram = { ...nativeHistogram(), timestamp: T + 1000 };
    await take([series('a', [0])]);
    const [left] = await take([{ ...series('b', []), histograms: [histogram] }]);
    expect(left).toMatchObject({ histograms: [], left: 1 });
    const [taken] = await take([{ ...series('a', []), histograms: [histogram] }]);
    expect(taken).toMatchObject({ histograms: [histogram], left: 0 });
  });

  it('elects in each cluster by itself', async () => {
    const { take } = setUp(PAIR);
    await take([series('a', [0])]);
    expect((await take([series('b', [0], 'us')]))[0]?.left).toBe(0);
    expect((await take([series('b', [0], '')]))[0]?.left).toBe(0);
    expect((await take([series('b', [0], 'eu')]))[0]?.left).toBe(1);
  });

  it('passes what has no replica label, and sources without ha, as they are', async () => {
    const ha = setUp(PAIR);
    await ha.take([series('a', [0])]);
    const [plain] = await ha.take([series('', [0])]);
    expect(plain).toMatchObject({ left: 0 });
    const off = setUp(PLAIN);
    const [kept] = await off.take([series('b', [0])]);
    expect(kept?.raw.get('__replica__')).toBe('b');
    expect(await off.registers.list('acme', 'leaders')).toEqual([]);
  });

  it('goes by other labels where they are configured', async () => {
    const { take } = setUp({ ...PAIR, ha: { clusterLabel: 'job', replicaLabel: 'cluster', failoverTimeout: 1000 } });
    const [first, second] = await take([series('a', [0], 'one'), series('b', [500, 1000], 'two')]);
    expect(first?.raw.toString()).toBe('up{__replica__="a", job="x"}');
    expect(second).toMatchObject({ left: 1 });
  });

  it('says of samples from before what is remembered that they are too old', async () => {
    const { take } = setUp(PAIR);
    await take([series('a', [0])]);
    await take([series('b', [10 * 24 * 3600_000])]);
    expect((await take([series('a', [0])]))[0]).toMatchObject({ left: 1, detail: expect.stringContaining('too old') });
  });
});

function series(replica: string, offsets: readonly number[], cluster = 'eu'): TimeSeries {
  const labels = Object.entries({ __name__: 'up', job: 'x', cluster, __replica__: replica });
  return {
    labels: labels.map(([name, value]) => ({ name, value })),
    samples: offsets.map((offset) => ({ timestamp: T + offset, value: 1 })),
    histograms: [],
    exemplars: [],
  };
}

function setUp(source: Source) {
  const tenant: Tenant = { name: 'acme', tokens: [], sources: [source], limits: DEFAULT_INTAKE_LIMITS };
  const registers = new MemoryRegisters();
  const elections = new Elections(registers);
  /** What is left of each series when others have brought theirs. */
  const take = async (timeseries: readonly TimeSeries[]) => {
    const bytes = encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request');
    const { list, samples } = readArrivals(bytes, source);
    const leaveToOthers = await electLeaders(tenant, source, { list, samples }, elections);
    return list.map((arrival) => {
      const { count = 0, detail = '' } = leaveToOthers(arrival) ?? {};
      const { series, begin, end, histograms } = arrival;
      const kept = Array.from({ length: end - begin }, (_, i) => samples.at(begin + i));
      return { raw: series.raw, samples: kept, histograms, left: count, detail };
    });
  };
  return { take, registers };
}
