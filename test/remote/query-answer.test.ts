import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFloat } from '../../lib/model/format-float.ts';
import { MalformedAnswerError, parseErrorEnvelope, parseQueryAnswer } from '../../lib/remote/query-answer.ts';

const success = (data: unknown) => JSON.stringify({ status: 'success', data });

describe('parseQueryAnswer', () => {
  it('reads back every float and time', () => {
    const point = fc.tuple(fc.integer({ min: -1e12, max: 1e14 }), fc.double());
    fc.assert(
      fc.property(fc.array(point, { minLength: 1 }), (points) => {
        const values = points.map(([time, value]) => [time / 1000, formatFloat(value)]);
        const answer = parseQueryAnswer(success({ resultType: 'matrix', result: [{ metric: {}, values }] }), 1000);
        expect([...(answer.series[0]?.timestamps ?? [])]).toEqual(points.map(([time]) => time));
        expect([...(answer.series[0]?.values ?? [])]).toEqual(points.map(([, value]) => value));
      }),
    );
  });

  it('reads histograms, warnings and labels', () => {
    const histogram = { count: '2', sum: '+Inf', buckets: [[1, '-1', '-0.5', '2']] };
    const data = { resultType: 'vector', result: [{ metric: { b: '1', a: 'ü', c: '' }, histogram: [1.5, histogram] }] };
    const answer = parseQueryAnswer(JSON.stringify({ status: 'success', data, warnings: ['w'], infos: ['i'] }), 10);
    expect(answer).toMatchObject({ kind: 'vector', warnings: ['w'], infos: ['i'] });
    expect(String(answer.series[0]?.labels)).toBe('{a="ü", b="1"}');
    expect(answer.series[0]?.histograms).toEqual([
      { timestamp: 1500, histogram: { count: 2, sum: Number.POSITIVE_INFINITY, buckets: [[1, -1, -0.5, 2]] } },
    ]);
  });

  it.each([
    ['', 'no JSON'],
    ['[]', 'the answer is []'],
    ['{"status":"error"}', 'its status is "error"'],
    [success(null), 'data is null'],
    [success({ resultType: 'streams', result: [] }), 'data.resultType is "streams"'],
    [success({ resultType: 'vector', result: {} }), 'data.result is {}'],
    [success({ resultType: 'vector', result: [{ metric: { a: 1 }, value: [1, '1'] }] }), 'label "a" is 1'],
    [success({ resultType: 'vector', result: [{ metric: {}, value: ['1', '1'] }] }), 'a timestamp is "1"'],
    [
      success({
        resultType: 'vector',
        result: [1, 2].map((value) => ({ metric: { a: 'b' }, value: [1, `${value}`] })),
      }),
      'it holds {a="b"} twice',
    ],
    [success({ resultType: 'vector', result: [{ metric: {}, value: [1, '0x10'] }] }), 'a value is "0x10"'],
    [success({ resultType: 'vector', result: [{ metric: {}, value: [1, 'toString'] }] }), 'a value is "toString"'],
    [success({ resultType: 'vector', result: [{ metric: {}, value: [1] }] }), 'a value is undefined'],
    [
      success({ resultType: 'matrix', result: [{ metric: {}, values: Array(3).fill([1, '1']) }] }),
      'more than 2 samples',
    ],
  ])('refuses %s', (body, text) => {
    expect(() => parseQueryAnswer(body, 2)).toThrow(MalformedAnswerError);
    expect(() => parseQueryAnswer(body, 2)).toThrow(text);
  });

  it('never fails in any other way', () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        try {
          parseQueryAnswer(success(JSON.parse(body)), 10);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedAnswerError);
        }
      }),
    );
  });
});

describe('parseErrorEnvelope', () => {
  it('knows refusals from other pages', () => {
    expect(parseErrorEnvelope('{"status":"error","errorType":"bad_data","error":"no"}')).toEqual({
      errorType: 'bad_data',
      error: 'no',
    });
    for (const body of ['<html>', '{}', '[1]', '{"status":"success"}'])
      expect(parseErrorEnvelope(body)).toBeUndefined();
  });
});
