import { describe, expect, it } from 'vitest';
import { ExpositionSyntaxError } from '../../lib/textparse/errors.ts';
import { showPage } from './show-page.ts';

const show = (page: string | Uint8Array, options = {}) => showPage(page, 'text', options);

describe('the text format', () => {
  it('reads families of every type', () => {
    const page = `# HELP brew_seconds How long a pot takes.
# TYPE brew_seconds summary
brew_seconds{quantile="0.5"} 118.5
brew_seconds{quantile="1"} 131
brew_seconds_sum 1.9e3
brew_seconds_count 16
# TYPE pot_fill histogram
pot_fill_bucket{le="0.5"} 3
pot_fill_bucket{le="1"} 9
pot_fill_bucket{le="+Inf"} 9
pot_fill_sum 6.25
pot_fill_count 9
# TYPE pots_total counter
pots_total{kind="mocha"} 16 1795348558211
# TYPE heat_celsius gauge
heat_celsius -0
# TYPE beans untyped
beans{origin=""} NaN -5
`;
    expect(show(page)).toEqual([
      'HELP brew_seconds How long a pot takes.',
      'TYPE brew_seconds summary',
      'brew_seconds{quantile="0.5"} 118.5',
      'brew_seconds{quantile="1.0"} 131',
      'brew_seconds_sum 1900',
      'brew_seconds_count 16',
      'TYPE pot_fill histogram',
      'pot_fill_bucket{le="0.5"} 3',
      'pot_fill_bucket{le="1.0"} 9',
      'pot_fill_bucket{le="+Inf"} 9',
      'pot_fill_sum 6.25',
      'pot_fill_count 9',
      'TYPE pots_total counter',
      'pots_total{kind="mocha"} 16 @1795348558211',
      'TYPE heat_celsius gauge',
      'heat_celsius -0',
      'TYPE beans unknown',
      'beans NaN @-5',
    ]);
  });

  it('takes blanks, tabs and commas as Prometheus takes them', () => {
    const page = [
      'a { k = "1" , } 1',
      '  a{k="2",l="x"}\t2\t 33  ',
      '\ta\t{\tk="3"\tl="y"\t}\t3',
      'a{ k="4"l="z"}4',
      'a{} 5',
      '',
      '   ',
      'a:b:rate5m 6',
      '_u{_v="w"} 7',
      'last 8',
    ].join('\n');
    expect(show(page)).toEqual([
      'a{k="1"} 1',
      'a{k="2", l="x"} 2 @33',
      'a{k="3", l="y"} 3',
      'a{k="4", l="z"} 4',
      'a 5',
      'a:b:rate5m 6',
      '_u{_v="w"} 7',
      'last 8',
    ]);
  });

  it('leaves comments alone that are neither HELP nor TYPE', () => {
    const page = '#\n# \n#TYPE a nonsense\n# Hello\n# HELPa\n# HELP\n# TYPES b\n# with \\n and \\\n# EOF\na 1\n# EOF';
    expect(show(page)).toEqual(['a 1']);
  });

  it('takes HELP and TYPE in any order, with any blanks, with or without text', () => {
    const page =
      '#  TYPE\ta   counter  \n# HELP a\n# HELP b \n#\tHELP  c  two  words \n# HELP "d e" x\n# HELP f a\\\\b\\nc\\t"\n';
    expect(show(page)).toEqual([
      'TYPE a counter',
      'HELP a',
      'HELP b',
      'HELP c two  words',
      'HELP d e x',
      'HELP f a\\\\b\\nc\\\\t"',
    ]);
  });

  it('undoes the three escapes of label values and leaves others as they are', () => {
    expect(show(String.raw`a{p="C:\\dir\\",q="say \"hi\"",n="x\ny",t="a\tb\'"} 1`)).toEqual([
      String.raw`a{n="x\ny", p="C:\\dir\\", q="say \"hi\"", t="a\\tb\\'"} 1`,
    ]);
  });

  it('reads names beyond the old alphabet in quotes, anywhere in the braces', () => {
    const page = String.raw`# TYPE "größe.in cm" gauge
{"größe.in cm","wo?"="Köln"} 1
{wo="hier","größe.in cm"} 2
{"plain"} 3
{ "with \"quotes\" and \\" , "a\nb" = "\n" } 4
plain{"dotted.label"="x"} 5
`;
    expect(show(page)).toEqual([
      'TYPE größe.in cm gauge',
      '{"größe.in cm", "wo?"="Köln"} 1',
      '{"größe.in cm", wo="hier"} 2',
      'plain 3',
      String.raw`{"with \"quotes\" and \\", "a\nb"="\n"} 4`,
      'plain{"dotted.label"="x"} 5',
    ]);
  });

  it('takes NUL inside values and help texts', () => {
    expect(show('# HELP a x\0y\na{b="\0",c="d\0e"} 1')).toEqual([
      'HELP a x\\u0000y',
      'a{b="\\u0000", c="d\\u0000e"} 1',
    ]);
  });

  it('takes Windows line ends', () => {
    const page = '# HELP a some text\r\n# TYPE a counter\r\na{b="c"} 1\r\n\r\na 2 3\r\na 3 4 \r\nb 5\r';
    expect(show(page)).toEqual(['HELP a some text', 'TYPE a counter', 'a{b="c"} 1', 'a 2 @3', 'a 3 @4', 'b 5']);
  });

  it('normalises bounds only where the family is typed, and only if asked', () => {
    const page = `a{le="1",quantile="1"} 1
# TYPE b histogram
b_bucket{le="1",quantile="1"} 2
b_bucket{le="1e6"} 3
b_bucket{le="odd"} 4
# TYPE c summary
c{le="1",quantile="0"} 5
# TYPE d gauge
d{le="1"} 6
`;
    expect(show(page).filter((line) => !line.startsWith('TYPE'))).toEqual([
      'a{le="1", quantile="1"} 1',
      'b_bucket{le="1.0", quantile="1"} 2',
      'b_bucket{le="1e+06"} 3',
      'b_bucket{le="odd"} 4',
      'c{le="1", quantile="0.0"} 5',
      'd{le="1"} 6',
    ]);
    expect(show(page, { normalizesBounds: false })).toContain('b_bucket{le="1", quantile="1"} 2');
  });

  it('reads an empty page', () => {
    expect(show('')).toEqual([]);
    expect(show(' \n\n# nothing\n')).toEqual([]);
  });
});

describe('a broken page of the text format', () => {
  it.each<[page: string | Uint8Array, where: string, complaint: RegExp]>([
    ['a', '1:2', /expected a value after the series, set apart by a blank, found the end of the line/],
    ['a\n', '1:2', /expected a value/],
    ['a ', '1:3', /expected a value/],
    ["a{b='c'} 1", '1:5', /label value in double quotes, found "'c'"/],
    ['ok 1\na{b=\n', '2:5', /label value in double quotes, found the end of the line/],
    ['a{b', '1:4', /expected = after the label name/],
    ['a{', '1:3', /expected a label name or a closing brace/],
    ['a{b="c"', '1:8', /expected a label name or a closing brace/],
    ['a{b="', '1:5', /closing quote on the same line/],
    ['a{b="x\ny"} 1', '1:5', /closing quote on the same line/],
    ['a{b="x\\\ny"} 1', '1:5', /closing quote on the same line/],
    [latin1('a{\xff="foo"} 1'), '1:3', /expected a label name/],
    [latin1('a{b="\xff"} 1'), '1:6', /the label value is not valid UTF-8/],
    [latin1('{"\xff"} 1'), '1:3', /the name is not valid UTF-8/],
    [latin1('a{"\xff"="x"} 1'), '1:4', /the label name is not valid UTF-8/],
    ['{"a", "b = "c"}', '1:13', /expected = after the label name, found "c"/],
    ['{"a",b\nc="d"} 1', '1:7', /expected = after the label name/],
    ['a true', '1:3', /cannot read a value after the series: expected a float .* found "true"/],
    ['empty{=""} 0', '1:7', /expected a label name/],
    ['empty{""="x"} 0', '1:7', /label name that is not empty/],
    ['{""} 0', '1:3', /metric name that is not empty/],
    ['{A}0', '1:3', /expected = after the label name/],
    ['a{b} 1', '1:4', /expected = after the label name/],
    ['foo 1_2', '1:5', /expected a float/],
    ['foo 0x1p-3', '1:5', /no hexadecimals/],
    ['foo 1e400', '1:5', /out of the range of a float64/],
    ['foo 0 1_2', '1:8', /expected the end of the line after the timestamp, found "_2"/],
    ['foo 0 1.5', '1:8', /expected the end of the line/],
    ['foo 0 x', '1:7', /expected a timestamp in milliseconds/],
    ['foo 0 -', '1:7', /expected a timestamp in milliseconds/],
    ['foo 0 1 2', '1:9', /expected the end of the line after the timestamp/],
    ['foo 0 99999999999999999', '1:7', /timestamp is out of range/],
    ['{a="ok"} 1', '1:1', /the series has no metric name/],
    ['{__name__="b"} 1', '1:1', /the series has no metric name/],
    ['a{"b"} 1', '1:4', /has a metric name already/],
    ['{"a","b"} 1', '1:7', /has a metric name already/],
    ['a{b="1",b="2"} 1', '1:1', /the label "b" is given twice/],
    ['a{__name__="b"} 1', '1:1', /the label "__name__" is given twice/],
    ['a{,b="c"} 1', '1:3', /expected a label name/],
    ['a{b="c",,} 1', '1:9', /expected a label name/],
    ['9a 1', '1:1', /expected a metric name, found "9a"/],
    ['{} 1', '1:1', /no metric name/],
    ['a-b 1', '1:2', /set apart by a blank, found "-b"/],
    ['a 1\rb 2', '1:4', /expected a timestamp/],
    ['\ufeffa 1', '1:1', /expected a metric name/],
    ['# TYPE #', '1:8', /expected a metric name, found "#"/],
    ['# HELP #', '1:8', /expected a metric name/],
    ['# TYPE a gizmo', '1:10', /expected a metric type \(counter, gauge.*found "gizmo"/],
    ['# TYPE a', '1:9', /expected a metric type/],
    ['# TYPE a unknown', '1:10', /expected a metric type/],
    ['# HELP a.b text', '1:9', /expected a blank after the metric name/],
    ['# TYPE "a counter', '1:8', /closing quote/],
    ['# HELP "" x', '1:8', /not empty/],
    ['a{b=\0"x"} 1', '1:5', /label value in double quotes/],
    ['a{b="\0', '1:5', /closing quote/],
    ['a{b\0="x"} 1', '1:4', /expected =/],
    ['a\0{b="x"} 1', '1:2', /set apart by a blank/],
    ['a 0 1\0', '1:6', /expected the end of the line/],
  ])('%j is refused at %s', (page, where, complaint) => {
    const error = faultOf(() => show(page));
    expect(`${error.line}:${error.column}`).toBe(where);
    expect(error.message).toMatch(complaint);
    expect(error.message).toMatch(/^cannot parse the page: line \d+, column \d+: /);
  });

  it('counts columns in characters', () => {
    expect(faultOf(() => show('x 1\na{b="日本🍵"} tea')).message).toMatch(/line 2, column 12: .*found "tea"$/);
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
