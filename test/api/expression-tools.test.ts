import { describe, expect, it } from 'vitest';
import { capture, itWithCaptures } from './captures.ts';
import { apiOf, get, postForm } from './fixture.ts';

describe('/api/v1/format_query', () => {
  itWithCaptures('answers as Prometheus, by URL and by form', async () => {
    const query = 'sum by(job)(rate(foo[5m]))';
    const expected = capture('3.5', 'format_query').text;
    expect(await text(get(`/api/v1/format_query?query=${encodeURIComponent(query)}`))).toBe(expected);
    expect(await text(postForm('/api/v1/format_query', { query }))).toBe(expected);
    expect(await text(get('/api/v1/format_query?query=foo/bar'))).toBe(capture('2.42', 'format_query').text);
  });

  it('escapes the text', async () => {
    expect(await text(get('/api/v1/format_query?query=a%3Cb'))).toBe('{"status":"success","data":"a \\u003c b"}');
  });
});

describe('/api/v1/parse_query', () => {
  itWithCaptures('answers as Prometheus', async () => {
    expect(await text(get('/api/v1/parse_query?query=foo/bar'))).toBe(capture('3.5', 'parse_query').text);
  });

  it('shows every kind of node', async () => {
    const query = 'topk(2, -sum_over_time((a{b=~"c"} @ end())[10m:1m] offset 1m)) > bool on (x) group_left (y) 0x10';
    const vectors = query.replace('0x10', 'clamp(d[5m] @ 3, 1, "s")');
    const { error } = (await (
      await apiOf().fetch(postForm('/api/v1/parse_query', { query: vectors }))
    ).json()) as never;
    expect(error).toMatch(/expected type/);
    const valid =
      'topk(2, -sum_over_time((a{b=~"c"} @ end())[10m:1m] offset 1m)) > bool on (x) group_left (y) absent(d @ 3)';
    const { data } = (await (await apiOf().fetch(postForm('/api/v1/parse_query', { query: valid }))).json()) as never;
    expect(data).toMatchObject({
      type: 'binaryExpr',
      op: '>',
      bool: true,
      matching: { card: 'many-to-one', on: true, labels: ['x'], include: ['y'] },
      lhs: {
        type: 'aggregation',
        op: 'topk',
        without: false,
        grouping: [],
        param: { type: 'numberLiteral', val: '2' },
        expr: {
          type: 'unaryExpr',
          op: '-',
          expr: {
            type: 'call',
            func: { name: 'sum_over_time', argTypes: ['matrix'], returnType: 'vector', variadic: 0 },
            args: [
              {
                type: 'subquery',
                range: 600_000,
                step: 60_000,
                offset: 60_000,
                timestamp: null,
                expr: { type: 'parenExpr', expr: { type: 'vectorSelector', name: 'a', startOrEnd: 'end' } },
              },
            ],
          },
        },
      },
      rhs: { type: 'call', func: { name: 'absent' }, args: [{ name: 'd', timestamp: 3000 }] },
    });
  });

  it.each(['format_query', 'parse_query'])('tells what is wrong, as %s', async (path) => {
    const response = await apiOf().fetch(get(`/api/v1/${path}?query=sum((`));
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toBe(
      'invalid parameter "query": 1:6: parse error: unclosed left parenthesis',
    );
  });
});

async function text(request: Request): Promise<string> {
  return (await apiOf().fetch(request)).text();
}
