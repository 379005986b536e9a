import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../../../lib/rules/template/alert-template.ts';
import { expandAlertTemplate } from '../../../lib/rules/template/expand-alert-template.ts';
import { parseAlertTemplate } from '../../../lib/rules/template/parse-alert-template.ts';

const DATA = {
  labels: new Map([
    ['job', 'api'],
    ['instance', 'host.example.com:80'],
  ]),
  value: 3.25,
};
const SAMPLES = [
  {
    labels: new Map([
      ['job', 'b'],
      ['__value__', 'text'],
    ]),
    value: 2,
  },
  { labels: new Map([['job', 'a']]), value: 1 },
];
const WORLD = {
  externalUrl: 'https://t.example.com/x/',
  query: async (expr: string) => {
    if (expr === 'broken') throw new Error('no such thing');
    return expr === 'none' ? [] : SAMPLES;
  },
};

const expand = (text: string) => expandAlertTemplate(parseAlertTemplate(text), DATA, WORLD);

/** What promtool does not show (later functions) or shows elsewhere is pinned here; the rest is compared with promtool. */
describe('templates of alerts', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    [
      '{{ $labels.job }}: {{ $value }} {{ .Value }} {{ $.Labels.job }} {{ .ExternalURL }}',
      'api: 3.25 3.25 api https://t.example.com/x/',
    ],
    ['a {{- 1 -}} b {{ "}}" }}', 'a1b }}'],
    ['{{/* a }} comment */}}x {{- /* y */ -}} z', 'xz'],
    ['{{ if gt $value 4.0 }}a{{ else with "b" }}{{ . }}{{ end }}', 'b'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}', '2'],
    ['{{ range query "none" }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range $s := sortByLabel "job" (query "x") }}{{ label "job" $s }}{{ value $s }} {{ end }}', 'a1 b2 '],
    ['{{ (query "x" | first).Labels.job }} {{ query "x" | first | strvalue }}', 'b text'],
    [
      '{{ $labels.instance | stripPort }} {{ stripDomain $labels.instance }} {{ stripDomain "10.0.0.1:9" }}',
      'host.example.com host:80 10.0.0.1:9',
    ],
    [
      '{{ externalURL }}{{ pathPrefix }}{{ tableLink "a b+c" }}',
      'https://t.example.com/x//x/graph?g0.expr=a+b%2Bc&g0.tab=1',
    ],
    [
      '{{ title "aa b-c d\'e f_g 1h \u00e9\u2013\u00e4 \u00fcb" }} {{ toUpper "straße" }} {{ toLower "İZMIR" }}',
      "Aa B-C D'E F_g 1h É–ä Üb STRAßE izmir",
    ],
    ['{{ parseDuration "1h30m" }} {{ "1e3" | humanize }} {{ urlQueryEscape "a/b ü" }}', '5400 1k a%2Fb+%C3%BC'],
    [
      '{{ 0x10 }} {{ 1e3 }} {{ -5 }} {{ 07 }} {{ \'a\' }} {{ true }} {{ html "<a>" }}',
      '16 1000 -5 7 97 true &lt;a&gt;',
    ],
    ['{{ eq 1 2 3 1 }} {{ ne "a" "b" }} {{ le 1.0 1.0 }} {{ ge "b" "a" }} {{ lt 1 2 }}', 'true true true true true'],
    ['{{ len (query "x") }} {{ (index (query "x") 1).Value }} {{ println "x" 1 }}', '2 1 x 1\n'],
  ])('%s', async (text, expected) => {
    expect(await expand(text)).toBe(expected);
  });

  it.each([
    ['{{ query "broken" }}', /error calling query: no such thing/],
    ['{{ query "none" | first }}', /first\(\) called on vector with no elements/],
    ['{{ gt $value 5 }}', /incompatible types for comparison/],
    ['{{ $value.foo }}', /can't evaluate field foo in type float64/],
    ['{{ .Nothing }}', /can't evaluate field Nothing/],
    ['{{ "x" | humanize }}', /can't convert x to float/],
    ['{{ range $value }}{{ end }}', /range can't iterate over 3\.25/],
    ['{{ reReplaceAll "(" "" "x" }}', /error calling reReplaceAll/],
    ['{{ 1 2 }}', /can't give argument to non-function/],
  ])('%s cannot be expanded', async (text, message) => {
    await expect(expand(text)).rejects.toThrow(message);
  });

  it.each([
    ['{{ $labels.x', /an action has no }}/],
    ['{{ if true }}x', /{{if}} has no {{end}}/],
    ['{{ end }}', /unexpected {{end}}/],
    ['{{ if true }}{{ else }}', /{{else}} has no {{end}}/],
    ['{{ nope }}', /function "nope" is not known/],
    ['{{ $x }}', /undefined variable \$x/],
    ['{{ if true }}{{ $y := 1 }}{{ end }}{{ $y }}', /undefined variable \$y/],
    ['{{ (1 }}', /unclosed parenthesis/],
    ['{{ | print }}', /missing value for command/],
    ['{{ 1 ) }}', /unexpected \)/],
    ['{{ define "x" }}{{ end }}', /{{define}} is not known here/],
    ['{{ § }}', /unexpected "§ }}"/],
    ['{{ /* spaced */ }}', /unexpected/],
  ])('%s cannot be read', (text, message) => {
    expect(() => parseAlertTemplate(text)).toThrow(message);
    expect(() => parseAlertTemplate(text)).toThrow(TemplateError);
  });

  it('either reads any text or says what is wrong with it', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{{- ',
      ' -}}',
      '$labels',
      '.x',
      'if ',
      'end',
      '"',
      '|',
      '(',
      ')',
      '1',
      ' ',
      'a',
      '`',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          parseAlertTemplate(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
