import { describe, expect, it } from 'vitest';
import { Matcher } from '../../../lib/model/matcher.ts';
import { PendingSamples } from '../../../lib/pipeline/evaluate/pending-samples.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { series } from '../../model/series.ts';
import { load, TENANT } from './run-rules.ts';

describe('PendingSamples', () => {
  it('are seen over the store as they will be after the commit', async () => {
    const storage = new MemoryStorage();
    await load(storage, { 'a{x="1"}': [1, 2], 'b{x="1"}': [5] });
    const pending = new PendingSamples();
    pending.add(series('a{x="1"}'), 120_000, 3);
    pending.add(series('a{x="1"}'), 60_000, 9);
    pending.add(series('a{x="0"}'), 60_000, 4);
    const select = async (...matchers: Matcher[]) =>
      (await pending.over(storage.querier(TENANT)).select({ mint: 0, maxt: 120_000 }, ...matchers)).map(
        ({ labels, floats }) =>
          `${labels} ${[...floats.timestamps].map((time, i) => `${time / 1000}=${floats.values[i]}`)}`,
      );
    const expected = ['a{x="0"} 60=4', 'a{x="1"} 0=1,60=9,120=3'];
    expect(await select(new Matcher('=', '__name__', 'a'))).toEqual(expected);
    expect(await select(new Matcher('=~', '__name__', '.+'))).toEqual([...expected, 'b{x="1"} 0=5']);
    expect(await select(new Matcher('=', '__name__', 'b'))).toEqual(['b{x="1"} 0=5']);
    expect(await select(new Matcher('=', 'x', '0'))).toEqual(['a{x="0"} 60=4']);
    expect(pending.count).toBe(3);

    const appender = storage.appender(TENANT, 'derived');
    pending.appendTo(() => appender);
    await appender.commit();
    const after = await storage.querier(TENANT).select({ mint: 0, maxt: 120_000 }, new Matcher('=', '__name__', 'a'));
    expect(after.map(({ labels, floats }) => `${labels} ${[...floats.values]}`)).toEqual([
      'a{x="0"} 4',
      'a{x="1"} 1,9,3',
    ]);
  });
});
