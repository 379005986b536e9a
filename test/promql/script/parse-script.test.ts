import { describe, expect, it } from 'vitest';
import { isStaleNaN } from '../../../lib/model/stale-marker.ts';
import { parseScript } from './parse-script.ts';
import type { EvalCommand, LoadCommand } from './script.ts';

const only = <T>(source: string) => parseScript('x.test', source).commands[0] as T;
const numbers = (line: string) =>
  only<LoadCommand>(`load 1m\n ${line}`).series[0]?.values.map((value) =>
    value.kind === 'float' ? value.value : value.kind,
  );

describe('load', () => {
  it.each([
    ['a 1 2.5 -3', [1, 2.5, -3]],
    ['a 1x2', [1, 1, 1]],
    ['a 1+2x2', [1, 3, 5]],
    ['a 1-2x2', [1, -1, -3]],
    ['a -1-2x1', [-1, -3]],
    ['a _ 1 _x2', ['omitted', 1, 'omitted', 'omitted']],
    ['a 0x2 1', [0, 0, 0, 1]],
    ['a NaN Inf -inf 1e3 .5', [Number.NaN, Infinity, -Infinity, 1000, 0.5]],
  ])('expands %s', (line, values) => {
    expect(numbers(line)).toEqual(values);
  });

  it('reads stale markers', () => {
    const values = numbers('a 1 stale 2') as number[];
    expect(values.map(isStaleNaN)).toEqual([false, true, false]);
  });

  it('reads metrics in every spelling', () => {
    const { series } = only<LoadCommand>(
      'load 5m\n a{b="c\\"d", e=\'f\'} 1\n {__name__="a"} 1\n {"x.y", "l.m"=`\\`} 1\n {} 1',
    );
    expect(series.map((line) => line.labels.toString())).toEqual([
      'a{b="c\\"d", e="f"}',
      'a',
      '{"x.y", "l.m"="\\\\"}',
      '{}',
    ]);
  });

  it('reads histograms in full and adds them up', () => {
    const { series } = only<LoadCommand>(
      'load 5m\n h {{schema:1 sum:-0.5 count:4 z_bucket:1 z_bucket_w:0.1 buckets:[1 0 2] offset:-1 n_buckets:[3] n_offset:2 counter_reset_hint:gauge}}+{{schema:2 count:2 buckets:[1 1] offset:3}}x1',
    );
    const [first, second] = series[0]?.values ?? [];
    expect(first).toEqual({
      kind: 'histogram',
      hintGiven: true,
      histogram: {
        schema: 1,
        sum: -0.5,
        count: 4,
        zeroCount: 1,
        zeroThreshold: 0.1,
        resetHint: 'gauge',
        positiveSpans: [{ offset: -1, length: 3 }],
        positiveBuckets: Float64Array.of(1, 0, 2),
        negativeSpans: [{ offset: 2, length: 1 }],
        negativeBuckets: Float64Array.of(3),
        customValues: [],
      },
    });
    // Buckets 3 and 4 of schema 2 are bucket 2 of schema 1.
    expect(second?.kind === 'histogram' && [second.histogram.count, ...second.histogram.positiveBuckets]).toEqual([
      6, 1, 2, 2,
    ]);
    expect(second?.kind === 'histogram' && second.histogram.positiveSpans).toEqual([
      { offset: -1, length: 1 },
      { offset: 1, length: 2 },
    ]);
  });

  it('reads start times relative to the samples', () => {
    const { startTimes } = only<LoadCommand>('load 1m\n a@st _ -30s-1mx2 0 -0ms +1m 1h1ms\n a 1x6');
    expect(startTimes[0]?.offsets).toEqual([undefined, -30_000, -90_000, -150_000, 0, 0, 60_000, 3_600_001]);
  });
});

describe('eval', () => {
  it('reads instant and range', () => {
    expect(only<EvalCommand>('eval instant at 1h30m sum(a)').times).toEqual({ kind: 'instant', time: 5_400_000 });
    expect(only<EvalCommand>('eval range from 0 to 90 step 1m sum(a)')).toMatchObject({
      expression: 'sum(a)',
      times: { kind: 'range', start: 0, end: 90_000, step: 60_000 },
    });
  });

  it('reads every kind of expectation', () => {
    const command = only<EvalCommand>(
      'eval instant at 1m a\n expect ordered\n expect warn msg: PromQL warning: x\n expect no_info\n {a="b"} 1',
    );
    expect(command.expectations).toEqual({
      ordered: true,
      fail: [],
      warn: [{ message: 'PromQL warning: x' }],
      info: [],
      noWarn: false,
      noInfo: true,
    });
    expect(only<EvalCommand>('eval instant at 1m a\n expect fail regex: a.*b').expectations.fail).toEqual([
      { regex: /a.*b/ },
    ]);
    expect(only<EvalCommand>('eval instant at 1m a\n expect string "\\n"').expected).toEqual({
      kind: 'string',
      value: '\n',
    });
    expect(only<EvalCommand>('eval instant at 1m a\n -1e2').expected).toEqual({ kind: 'scalar', value: -100 });
    expect(only<EvalCommand>('eval_fail instant at 1m a').expectations.fail).toEqual([{}]);
    expect(
      only<EvalCommand>('eval instant at 1m a[1m]\n expect range vector from 10s to 1m step 10s\n a 1 2').expected,
    ).toMatchObject({ kind: 'range vector', start: 10_000, end: 60_000, step: 10_000 });
  });
});

describe('errors', () => {
  it.each([
    ['lod 5m', 'x.test:1: unknown command "lod"'],
    ['load', 'x.test:1: load takes one step'],
    ['load 5x\n a 1', 'x.test:1: cannot parse duration "5x"'],
    ['\nload 5m\n a{b=c} 1', 'x.test:3: column 5: expected a quoted string'],
    ['load 5m\n a{b="c} 1', 'x.test:2: column 10: expected the end of the string'],
    ['load 5m\n a 1 two', 'x.test:2: column 5: expected a number'],
    ['load 5m\n a 1+x', 'x.test:2: column 4: expected a number'],
    ['load 5m\n a 1x', 'x.test:2: column 5: expected a number of repetitions'],
    ['load 5m\n a {{sum:1 colour:2}}', 'x.test:2: column 18: unknown histogram field "colour"'],
    ['load 5m\n a {{sum:1', 'x.test:2: column 10: expected a histogram field'],
    ['load 5m\n a {{schema:9}}', 'x.test:2: column 15: schema must be -4 to 8 or -53, not 9'],
    ['eval instant at 1m a\n {a="b"} 1 2', 'x.test:2: an instant query gives one value a series, the line has 2'],
    ['eval instant at 1m a\n expect colour', 'x.test:2: expected one of: expect ordered'],
    ['eval instant at 1m a\n expect warn\n expect no_warn', 'x.test:1: expect warn and expect no_warn contradict'],
    ['eval range from 5m to 1m step 1m a', 'x.test:1: the range ends (1m) before it starts (5m)'],
    ['eval range from 1m to 5m step 0 a', 'x.test:1: the step must be positive'],
    ['eval at 5m a', 'x.test:1: expected eval instant at'],
  ])('%j', (source, message) => {
    expect(() => parseScript('x.test', source)).toThrow(message);
  });
});

describe('verbs', () => {
  it('hands over commands of the caller', () => {
    const script = parseScript(
      'x.test',
      'rules a.yml\n\ncontextualize at 5m\n a b\n',
      new Set(['rules', 'contextualize']),
    );
    expect(script.commands).toEqual([
      { kind: 'verb', line: 1, verb: 'rules', rest: 'a.yml', body: [] },
      { kind: 'verb', line: 3, verb: 'contextualize', rest: 'at 5m', body: ['a b'] },
    ]);
  });
});
