import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { newJudge } from '../../lib/pipeline/judge-series.ts';
import { type LastSample, ScrapeMemory } from '../../lib/pipeline/scrape-memory.ts';
import { scrapeTargets } from '../../lib/pipeline/scrape-schedule.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import { LOCAL_ACCESS, testSecret } from '../remote/fake-server.ts';
import { sourceOf, tenantOf } from './scrape-fixture.ts';

const [target] = scrapeTargets([tenantOf(sourceOf(['http://127.0.0.1:1']))]);

const open = () => {
  if (target === undefined) throw new Error('BUG: no target');
  const client = newRemoteClient({ url: target.server, access: LOCAL_ACCESS, secret: testSecret });
  return { client, judge: newJudge(target, () => true) };
};

function pageOf(count: number): ReadonlyMap<string, LastSample> {
  const last = { labels: Labels.empty, timestamp: 1 };
  return new Map(Array.from({ length: count }, (_, i) => [String(i), last]));
}

describe('ScrapeMemory', () => {
  it('opens one client for each server', () => {
    const memory = new ScrapeMemory();
    expect(memory.of('a', open)).toBe(memory.of('a', open));
    expect(memory.of('b', open)).not.toBe(memory.of('a', open));
    expect(memory.find('c')).toBeUndefined();
  });

  it('replaces what it knows of a page', () => {
    const server = new ScrapeMemory().of('a', open);
    server.remember('page', pageOf(2));
    const cache = server.cache('page');
    expect([server.page('page')?.size, server.cache('page')]).toEqual([2, cache]);
    server.remember('page', pageOf(1));
    expect(server.page('page')?.size).toBe(1);
    expect(server.page('other')).toBeUndefined();
  });

  it('forgets a page for which there is no room, and takes it again when there is', () => {
    const memory = new ScrapeMemory();
    const [one, two] = [memory.of('a', open), memory.of('b', open)];
    const cache = two.cache('page');
    one.remember('page', pageOf(300_000));
    two.remember('page', pageOf(100_001));
    expect([one.page('page')?.size, two.page('page')]).toEqual([300_000, undefined]);
    expect(two.cache('page')).not.toBe(cache);
    one.remember('page', pageOf(10));
    two.remember('page', pageOf(100_001));
    expect(two.page('page')?.size).toBe(100_001);
  });
});
