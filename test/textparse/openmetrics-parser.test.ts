import { describe, expect, it } from 'vitest';
import { ExpositionSyntaxError } from '../../lib/textparse/errors.ts';
import { openPage } from '../../lib/textparse/open-page.ts';
import type { ParseOptions } from '../../lib/textparse/page-parser.ts';
import { showPage } from './show-page.ts';

const show = (page: string | Uint8Array, options: ParseOptions = {}) => showPage(page, 'openmetrics', options);

describe('OpenMetrics', () => {
  it('reads families of every type', () => {
    const page = `# HELP tea_seconds Steeping.
# TYPE tea_seconds summary
# UNIT tea_seconds seconds
tea_seconds_count 2
tea_seconds_sum 412.5
tea_seconds{quantile="1"} 240
# TYPE steam histogram
steam_bucket{le="1"} 2
steam_bucket{le="+Inf"} 3 1795347944.639
steam_count 3
steam_sum 4.5
# TYPE queue gaugehistogram
queue_bucket{le="1"} 2
queue_gcount 2
queue_gsum 1
# TYPE cups counter
cups_total{size="l"} 17
# TYPE warmth gauge
# UNIT warmth${' '}
warmth NaN
# TYPE kettle info
kettle_info{brand="x"} 1
# TYPE lid stateset
lid{lid="open"} 1
lid{lid="closed"} 0
# TYPE rest unknown
rest{} -Inf -1.5
untold 1e3
# EOF
`;
    expect(show(page)).toEqual([
      'HELP tea_seconds Steeping.',
      'TYPE tea_seconds summary',
      'UNIT tea_seconds seconds',
      'tea_seconds_count 2',
      'tea_seconds_sum 412.5',
      'tea_seconds{quantile="1.0"} 240',
      'TYPE steam histogram',
      'steam_bucket{le="1.0"} 2',
      'steam_bucket{le="+Inf"} 3 @1795347944639',
      'steam_count 3',
      'steam_sum 4.5',
      'TYPE queue gaugehistogram',
      'queue_bucket{le="1"} 2',
      'queue_gcount 2',
      'queue_gsum 1',
      'TYPE cups counter',
      'cups_total{size="l"} 17',
      'TYPE warmth gauge',
      'UNIT warmth',
      'warmth NaN',
      'TYPE kettle info',
      'kettle_info{brand="x"} 1',
      'TYPE lid stateset',
      'lid{lid="open"} 1',
      'lid{lid="closed"} 0',
      'TYPE rest unknown',
      'rest -Inf @-1500',
      'untold 1000',
    ]);
  });

  it('reads exemplars with and without timestamps, after samples with and without', () => {
    const page = `a_total 1 # {trace_id="x"} 0.5
b_total 2 10.5 # {trace_id="y",span="\\"1\\""} -1 10.25
c_bucket{le="1"} 3 # {} 1
d 4 # {"dotted.id"="é",} 2
# EOF`;
    expect(show(page)).toEqual([
      'a_total 1 # {trace_id="x"} 0.5',
      String.raw`b_total 2 @10500 # {trace_id="y",span="\"1\""} -1 @10250`,
      'c_bucket{le="1"} 3 # {} 1',
      'd 4 # {dotted.id="é"} 2',
    ]);
  });

  it('does not leave an exemplar to the next sample', () => {
    expect(show('a 1 # {t="x"} 1\nb 2\n# EOF\n')).toEqual(['a 1 # {t="x"} 1', 'b 2']);
  });

  it('leaves out exemplars beyond 128 characters, counted', () => {
    const page = Buffer.from(`a 1 # {t="${'é'.repeat(127)}"} 1\nb 2 # {t="${'é'.repeat(128)}"} 1\nc 3\n# EOF\n`);
    const parser = openPage(page, { syntax: 'openmetrics', escaping: undefined });
    const found: number[] = [];
    while (parser.next() !== undefined) found.push(parser.exemplars.length);
    expect(found).toEqual([1, 0, 0]);
    expect(parser.counts).toMatchObject({ samples: 3, longExemplars: 1 });
  });

  it('reads quoted names', () => {
    const page = `# TYPE "tea.time" gauge
# HELP "tea.time" When \\\\ "now"\\n
# UNIT "tea.time_s" s
{"tea.time",place="küche"} 1
{place="a b","tea.time"} 2
{"tea.time"} 3 # {"a"="b"} 1
# EOF
`;
    expect(show(page)).toEqual([
      'TYPE tea.time gauge',
      'HELP tea.time When \\\\ "now"\\n',
      'UNIT tea.time_s s',
      '{"tea.time", place="küche"} 1',
      '{"tea.time", place="a b"} 2',
      '{"tea.time"} 3 # {a="b"} 1',
    ]);
  });

  it('takes NUL inside values, help texts and exemplar values', () => {
    expect(show('# HELP a \0x\na{b="\0"} 1 # {c="\0"} 1\n# EOF')).toEqual([
      'HELP a \\u0000x',
      'a{b="\\u0000"} 1 # {c="\\u0000"} 1',
    ]);
  });

  it('takes Windows line ends', () => {
    expect(show('# TYPE a counter\r\n# HELP a \r\na_total 1\r\na_total 2 3\r\nb 1 # {} 1\r\n# EOF\r\n')).toEqual([
      'TYPE a counter',
      'HELP a',
      'a_total 1',
      'a_total 2 @3000',
      'b 1 # {} 1',
    ]);
  });

  it('takes a bare # EOF, with and without a newline', () => {
    expect(show('# EOF')).toEqual([]);
    expect(show('# EOF\n')).toEqual([]);
  });

  it('rounds timestamps to the nearest millisecond', () => {
    expect(show('a 1 1795347944.6395\nb 1 0.0001\nc 1 1.7e9\n# EOF')).toEqual([
      'a 1 @1795347944640',
      'b 1 @0',
      'c 1 @1700000000000',
    ]);
  });
});

describe('_created lines', () => {
  const page = `# TYPE jobs counter
jobs_created{kind="b"} 20.5
jobs_total{kind="a"} 1
jobs_created{kind="a"} 10
jobs_total{kind="b"} 2
jobs_total{kind="c"} 3
# TYPE wait histogram
wait_bucket{le="1",q="x"} 1
wait_bucket{le="+Inf",q="x"} 1
wait_count{q="x"} 1
wait_sum{q="x"} 0.5
wait_created{q="x"} 30
# TYPE size summary
size{quantile="0.5"} 7
size_count 1
size_created 40
other 9
# TYPE level gauge
level_created 50
# EOF
`;

  it('become the start timestamps of their metric, wherever they stand in its family', () => {
    expect(show(page).filter((line) => !line.startsWith('TYPE'))).toEqual([
      'jobs_total{kind="a"} 1 since 10000',
      'jobs_total{kind="b"} 2 since 20500',
      'jobs_total{kind="c"} 3',
      'wait_bucket{le="1.0", q="x"} 1 since 30000',
      'wait_bucket{le="+Inf", q="x"} 1 since 30000',
      'wait_count{q="x"} 1 since 30000',
      'wait_sum{q="x"} 0.5 since 30000',
      'size{quantile="0.5"} 7 since 40000',
      'size_count 1 since 40000',
      'other 9',
      'level_created 50',
    ]);
  });

  it('are counted', () => {
    const parser = openPage(Buffer.from(page), { syntax: 'openmetrics', escaping: undefined });
    while (parser.next() !== undefined);
    expect(parser.counts).toMatchObject({ samples: 11, created: 4 });
  });

  it('stay samples if the caller wants them so', () => {
    const lines = show(page, { createdLines: 'samples' });
    expect(lines).toContain('jobs_created{kind="a"} 10');
    expect(lines).toContain('jobs_total{kind="a"} 1');
  });

  it('stay samples where nothing says what the family is', () => {
    expect(show('jobs_total 1\njobs_created 10\n# EOF')).toEqual(['jobs_total 1', 'jobs_created 10']);
  });

  it('are found by quoted names too', () => {
    expect(show('# TYPE "a b" counter\n{"a b_total",x="1"} 1\n{x="1","a b_created"} 2\n# EOF')).toEqual([
      'TYPE a b counter',
      '{"a b_total", x="1"} 1 since 2000',
    ]);
  });

  it('are refused in their place when they are broken', () => {
    expect(() => show('# TYPE a counter\na_total 1\na_created x\n# EOF')).toThrow(/line 3, column 11/);
    expect(() => show('# TYPE a counter\na_created\n')).toThrow(/line 2, column 10: expected a space/);
    expect(() => show('# TYPE a counter\na_created NaN\n# EOF')).toThrow(/line 2, column 11: .*finite/);
  });
});

describe('a broken page of OpenMetrics', () => {
  it.each<[page: string | Uint8Array, where: string, complaint: RegExp]>([
    ['', '1:1', /does not end with # EOF/],
    ['a 1', '2:1', /does not end with # EOF/],
    ['a_total 1 # {aa="bb"} 4', '2:1', /does not end with # EOF/],
    ['a 1\n', '2:1', /does not end with # EOF/],
    ['\n# EOF', '1:1', /expected a metric name, found the end of the line/],
    [' a 1\n# EOF', '1:1', /expected a metric name/],
    ['a 1\n\n# EOF', '2:1', /expected a metric name/],
    ['9\n# EOF', '1:1', /expected a metric name, found "9"/],
    ['# EOF\n\n', '2:1', /nothing after # EOF/],
    ['# EOF\na 1', '2:1', /nothing after # EOF, found "a"/],
    ['# EOF\n# EOF\n', '2:1', /nothing after # EOF/],
    ['# EOF ', '1:1', /expected # TYPE, # HELP, # UNIT or # EOF/],
    ['#EOF', '1:1', /expected # TYPE/],
    ['# a comment\n# EOF', '1:1', /expected # TYPE/],
    ['#\n# EOF', '1:1', /expected # TYPE/],
    ['#\tTYPE a counter\n# EOF', '1:1', /single spaces/],
    ['#  TYPE a counter\n# EOF', '1:1', /single spaces/],
    ['# TYPE  a counter\n# EOF', '1:8', /expected a metric name/],
    ['# TYPE\ta counter\n# EOF', '1:1', /single spaces/],
    ['# TYPE\n# EOF', '1:1', /expected # TYPE/],
    ['# TYPE \n# EOF', '1:8', /expected a metric name/],
    ['# TYPE a\n# EOF', '1:9', /expected a space and the type/],
    ['# TYPE a\tcounter\n# EOF', '1:9', /expected a space and the type/],
    ['# TYPE a counter \n# EOF', '1:10', /expected a metric type/],
    ['# TYPE a  counter\n# EOF', '1:10', /expected a metric type/],
    ['# TYPE a untyped\n# EOF', '1:10', /expected a metric type .*found "untyped"/],
    ['# TYPE a Counter\n# EOF', '1:10', /expected a metric type/],
    ['# UNIT\n# EOF', '1:1', /expected # TYPE/],
    ['# UNIT a\n# EOF', '1:9', /expected a space and the unit/],
    ['# UNIT a seconds\n# EOF', '1:10', /unit must be a suffix of the name "a", found "seconds"/],
    ['# UNIT seconds seconds\n# EOF', '1:16', /must be a suffix/],
    ['# UNIT aseconds seconds\n# EOF', '1:17', /must be a suffix/],
    ['# HELP\n# EOF', '1:1', /expected # TYPE/],
    ['# HELP a\n# EOF', '1:9', /expected a space and the help/],
    [latin1('# HELP a \xff\n# EOF'), '1:10', /help text is not valid UTF-8/],
    ['a\t1\n# EOF', '1:2', /expected a space and a value/],
    ['a 1\t2\n# EOF', '1:4', /expected the end of the line/],
    ['a  1\n# EOF', '1:3', /expected a value after the series/],
    ['a\n# EOF', '1:2', /expected a space and a value/],
    ['a \n# EOF', '1:3', /expected a value/],
    ['a{b="c"}1\n# EOF', '1:9', /expected a space and a value/],
    ['a {b="c"} 1\n# EOF', '1:3', /cannot read a value/],
    ['a 1 \n# EOF', '1:5', /expected a timestamp/],
    ['a 1 2 \n# EOF', '1:7', /expected an exemplar/],
    ['a 1 2 #\n# EOF', '1:7', /expected an exemplar/],
    ['a 1 1z\n# EOF', '1:5', /cannot read a timestamp in seconds/],
    ['a 1 1 1\n# EOF', '1:7', /expected an exemplar .* or the end of the line/],
    ['a 1 NaN\n# EOF', '1:5', /not finite/],
    ['a 1 Inf\n# EOF', '1:5', /not finite/],
    ['a 1 -Inf\n# EOF', '1:5', /not finite/],
    ['a 1 1e300\n# EOF', '1:5', /out of range/],
    ['a true\n# EOF', '1:3', /expected a float/],
    ['a 1_2\n# EOF', '1:3', /expected a float/],
    ['a 0x1p-3\n# EOF', '1:3', /expected a float/],
    ['a 0x1P-3\n# EOF', '1:3', /expected a float/],
    ['a 1e999\n# EOF', '1:3', /out of the range/],
    ["a{b='c'} 1\n# EOF", '1:5', /in double quotes/],
    ['a{b="c",,d="e"} 1\n# EOF', '1:9', /expected a label name/],
    ['a{,b="c"} 1\n# EOF', '1:3', /expected a label name/],
    ['a{b="c"d="e"} 1\n# EOF', '1:8', /expected a comma or a closing brace/],
    ['a{b="c" ,d="e"} 1\n# EOF', '1:8', /expected a comma or a closing brace/],
    ['a{ b="c"} 1\n# EOF', '1:3', /expected a label name/],
    ['a{b ="c"} 1\n# EOF', '1:4', /expected =/],
    ['a{b="c"\n# EOF', '1:8', /expected a comma or a closing brace/],
    ['a{b="c\n# EOF', '1:5', /closing quote/],
    ['a{b} 1\n# EOF', '1:4', /expected =/],
    ['a{"b"} 1\n# EOF', '1:4', /name already/],
    ['{"a","b"} 1\n# EOF', '1:7', /name already/],
    ['{b="c",} 1\n# EOF', '1:1', /no metric name/],
    ['{a} 1\n# EOF', '1:3', /expected =/],
    [latin1('a{b="\xff"} 1\n# EOF'), '1:6', /not valid UTF-8/],
    [latin1('a{\xff="b"} 1\n# EOF'), '1:3', /expected a label name/],
    ['a 1 #\n# EOF', '1:5', /expected an exemplar/],
    ['a 1 # \n# EOF', '1:5', /expected an exemplar/],
    ['a 1 #{b="c"} 1\n# EOF', '1:5', /expected an exemplar/],
    ['a 1  # {b="c"} 1\n# EOF', '1:5', /expected a timestamp/],
    ['a 1 # {b="c"}\n# EOF', '1:14', /expected a space and the value of the exemplar/],
    ['a 1 # {b="c"} \n# EOF', '1:15', /expected the value of the exemplar/],
    ['a 1 # {b="c"}1\n# EOF', '1:14', /expected a space/],
    ['a 1 # {b} 1\n# EOF', '1:9', /expected =/],
    ['a 1 # {"b"} 1\n# EOF', '1:11', /expected =/],
    ['a 1 # {b="c",,d="e"} 1\n# EOF', '1:14', /expected a label name/],
    ['a 1 # {b="c"} 1_2\n# EOF', '1:15', /value of the exemplar: expected a float/],
    ['a 1 # {b="c"} 0x1p-3\n# EOF', '1:15', /expected a float/],
    ['a 1 # {b="c"} true\n# EOF', '1:15', /expected a float/],
    [latin1('a 1 # {b="\xff"} 1\n# EOF'), '1:11', /not valid UTF-8/],
    ['a 1 # {b="c"} 1 NaN\n# EOF', '1:17', /not finite/],
    ['a 1 # {b="c"} 1 -Inf\n# EOF', '1:17', /not finite/],
    ['a 1 # {b="c"} 1 2 3\n# EOF', '1:18', /expected the end of the line/],
    ['a 1 # {b="c"} 1 \n# EOF', '1:17', /expected a timestamp/],
    ['a 1 # {b="c"} 1 # {d="e"} 2\n# EOF', '1:17', /timestamp/],
    ['a{b="1",b="2"} 1\n# EOF', '1:1', /given twice/],
    ['a{b=\0"c"} 1\n# EOF', '1:5', /in double quotes/],
    ['a{b\0="c"} 1\n# EOF', '1:4', /expected =/],
    ['a\0 1\n# EOF', '1:2', /expected a space/],
    ['a 1 2\0\n# EOF', '1:5', /timestamp/],
    ['# TYPE a\0 gauge\n# EOF', '1:9', /expected a space/],
    ['# TYPE "a" gauge\n"a" 1\n# EOF', '2:1', /expected a metric name/],
  ])('%j is refused at %s', (page, where, complaint) => {
    const error = faultOf(() => show(page));
    expect(`${error.line}:${error.column}`).toBe(where);
    expect(error.message).toMatch(complaint);
  });
});

function faultOf(action: () => unknown): ExpositionSyntaxError {
  try {
    action();
  } catch (error) {
    if (error instanceof ExpositionSyntaxError) return error;
    throw error;
  }
  throw new Error('the page was taken');
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
