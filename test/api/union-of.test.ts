import { describe, expect, it } from 'vitest';
import { unionBy, unionOf } from '../../lib/api/union-of.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { apiOf, get, postForm } from './fixture.ts';

const selector = (value: string) => [new Matcher('=', 'job', value)];

describe('the union of lookups', () => {
  it('has each entry once, sorted, or as a single lookup gives them', async () => {
    const lookup = async ([matcher]: readonly Matcher[]) => ['z', matcher?.value ?? 'all', 'a'];
    expect(await unionOf([], lookup)).toEqual(['z', 'all', 'a']);
    expect(await unionOf([selector('m')], lookup)).toEqual(['z', 'm', 'a']);
    expect(await unionOf([selector('m'), selector('b')], lookup)).toEqual(['a', 'b', 'm', 'z']);
  });

  it('never waits for more than a few at a time, for each holds all that it finds', async () => {
    let [underWay, most] = [0, 0];
    const lookup = async ([matcher]: readonly Matcher[]) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
      return [matcher?.value ?? ''];
    };
    const selectors = Array.from({ length: 50 }, (_, i) => selector(String(i % 10)));
    expect(await unionBy(selectors, lookup, (text) => text)).toEqual([...'0123456789']);
    expect(most).toBeLessThanOrEqual(4);
  });
});

describe('more selectors than any client asks for', () => {
  const form = Array.from({ length: 1001 }, (_, i): [string, string] => ['match[]', `a${i}`]);
  const MESSAGE = '1001 selectors are more than the 1000 that a request may have';

  it.each(['/api/v1/series', '/api/v1/labels'])('are refused by %s', async (path) => {
    const response = await apiOf().fetch(postForm(path, form));
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errorType: 'bad_data', error: expect.stringContaining(MESSAGE) },
    ]);
  });

  it('are refused by /federate', async () => {
    const response = await apiOf().fetch(get(`/federate?${new URLSearchParams(form)}`));
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(MESSAGE)]);
  });
});
