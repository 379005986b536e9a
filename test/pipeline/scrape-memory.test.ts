import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { type LastSample, ScrapeMemory } from '../../lib/pipeline/scrape-memory.ts';
import { newRemoteClient } from '../../lib/remote/remote-client.ts';
import { LOCAL_ACCESS, testSecret } from '../remote/fake-server.ts';

const open = () => newRemoteClient({ url: 'http://127.0.0.1:1', access: LOCAL_ACCESS, secret: testSecret });

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
    expect([server.page('page')?.size, server.cache('page') !== undefined]).toEqual([2, true]);
    server.remember('page', pageOf(1));
    expect(server.page('page')?.size).toBe(1);
    expect(server.page('other')).toBeUndefined();
  });

  it('forgets a page for which there is no room, and takes it again when there is', () => {
    const memory = new ScrapeMemory();
    const [one, two] = [memory.of('a', open), memory.of('b', open)];
    one.remember('page', pageOf(300_000));
    two.remember('page', pageOf(100_001));
    expect([one.page('page')?.size, two.page('page'), two.cache('page')]).toEqual([300_000, undefined, undefined]);
    one.remember('page', pageOf(10));
    two.remember('page', pageOf(100_001));
    expect(two.page('page')?.size).toBe(100_001);
  });
});
