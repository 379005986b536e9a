import { describe, expect, it } from 'vitest';
import { MAX_FORM_BYTES, readParams } from '../../../lib/api/params/read-params.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('readParams', () => {
  it('reads the URL of a GET', async () => {
    const params = await readParams(new Request('http://x/api/v1/series?match[]=a&match[]=b&start=1'));
    expect([params.all('match[]'), params.get('start'), params.get('end')]).toEqual([['a', 'b'], '1', '']);
  });

  it('merges a form with the URL, the form first', async () => {
    const params = await readParams(post('query=up%7Ba%3D%22b+c%22%7D&match[]=form', FORM, '?query=down&match[]=url'));
    expect([params.get('query'), params.all('match[]')]).toEqual(['up{a="b c"}', ['form', 'url']]);
  });

  it.each([`${FORM}; charset=utf-8`, 'Application/X-WWW-Form-Urlencoded'])('knows a form by %s', async (type) => {
    expect((await readParams(post('query=up', type))).get('query')).toBe('up');
  });

  it.each(['application/json', 'text/plain', ''])('does not read a body of type "%s"', async (type) => {
    const params = await readParams(post('{"query":"up"}', type, '?time=4'));
    expect([params.get('query'), params.get('time')]).toEqual(['', '4']);
  });

  it('refuses a form without bound', async () => {
    const form = `query=${'x'.repeat(MAX_FORM_BYTES)}`;
    await expect(readParams(post(form, FORM))).rejects.toThrow(/^error parsing form values: .*too large/);
  });
});

function post(body: string, type: string, search = ''): Request {
  const headers = type === '' ? [] : [['content-type', type] as [string, string]];
  return new Request(`http://x/api/v1/query${search}`, { method: 'POST', body: Buffer.from(body), headers });
}
