import { ApiError } from '../../../lib/api/api-error.ts';
import { Params } from '../../../lib/api/params/params.ts';
import { selectorsOf } from '../../../lib/api/params/selectors.ts';
import { compileRegexp, RegexpError } from '../../../lib/model/regexp.ts';
import { ParseError } from '../../../lib/promql/errors.ts';
import { parseExpr } from '../../../lib/promql/parse.ts';
import { printExpr } from '../../../lib/promql/print.ts';
import { TemplateError } from '../../../lib/rules/template/alert-template.ts';
import { expandAlertTemplate } from '../../../lib/rules/template/expand-alert-template.ts';
import { parseAlertTemplate } from '../../../lib/rules/template/parse-alert-template.ts';
import { asText, type FuzzTarget, readCorpus, texts } from '../fuzz-target.ts';

const REGEXP = [
  ...[
    '(a*)*',
    '(a|a)+',
    '(.*)*',
    '{2,5}',
    '{1000}',
    '[^a-z]',
    '\\p{Greek}',
    '\\Q',
    '\\E',
    '(?i)',
    '(?P<n>',
    '(?:',
    ')',
  ],
  ...['|', '.', '.*', '.+', '$', '^', '\\b', '\\C', '\\x{10FFFF}', '[[:alpha:]]', '(?=a)', '\\1', '*', '+?', '\\'],
];
const MATCHER = ['{', '}', '=', '!=', '=~', '!~', '"', "'", '`', ',', '__name__', 'job', '\\u00e9', ...REGEXP];
const PROMQL = [
  ...['sum', 'by (a)', 'rate(', '[5m]', '[5m:1s]', ')', 'offset 1w', '@ start()', 'and', 'on (a) group_left ()', '* '],
  ...['histogram_quantile(0.9,', 'absent(', '1e999', '0x', '5m3s', '-', '(', 'bool', 'without', '=~"', '{', '}', 'up'],
];
const TEMPLATE = [
  ...[
    '{{',
    '}}',
    '{{-',
    '-}}',
    '{{ end }}',
    '{{ if ',
    '{{ else }}',
    '{{ range ',
    '{{ with ',
    '/*',
    '*/',
    '|',
    '$x := ',
  ],
  ...[
    '$labels.',
    '.Labels',
    '$value',
    'printf "%s"',
    'printf "%100000d" 1',
    'printf "%!"',
    'query "up"',
    'first',
    'value',
  ],
  ...['reReplaceAll "(a*)*" "$0"', 'humanizeTimestamp', 'index', 'define "x"', 'template', 'tableLink', '.constructor'],
];

const HOSTILE_VALUES = ['', 'a'.repeat(5000), 'é😀\ud800', '\r\n{"a":1}', '{{ $labels }}', '<script>alert(1)</script>'];
const LABELS = new Map(
  HOSTILE_VALUES.map((value, i) => [['service', 'job', 'a', 'b', 'c', '__proto__'][i] ?? 'd', value]),
);

/** What stands in queries, matchers and alerts. */
export const EXPRESSION_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'PromQL',
    corpus: texts(
      'histogram_quantile(0.9, sum by (le, job) (rate(latency_bucket{job=~"a|b"}[5m] offset 1w)))',
      'a / on (x) group_left (y) b > bool 1.5e3 and absent(c @ start())',
      'max_over_time(sum(up)[1h:30s] @ 1795347944.795) or vector(-0x1F) unless topk(3, {"ä.b"})',
      'label_replace(up, "a", "$1", "job", "(.*)") + on () -time() ^ 2 ^ NaN',
    ),
    words: [...PROMQL, ...MATCHER],
    refusals: [ParseError],
    run: (input) => {
      const printed = printExpr(parseExpr(asText(input)));
      const again = printExpr(parseExpr(printed));
      if (again !== printed) throw new Error(`${printed} is printed as ${again} the second time`);
    },
  },
  {
    name: 'matchers',
    corpus: readCorpus('matchers'),
    words: MATCHER,
    refusals: [ApiError],
    run: (input) => {
      const params = new Params(new URLSearchParams([['match[]', asText(input)]]));
      for (const matcher of selectorsOf(params).flat()) HOSTILE_VALUES.map((value) => matcher.matches(value));
    },
  },
  {
    name: 'regular expressions',
    corpus: texts(
      '(a+)+b',
      '/api/(?P<route>[^/]+)(/.*)?',
      '.+_total|http_(a|b)[0-9]{2,5}',
      '(?i:größe)\\.x$',
      '(x+x+)+y',
    ),
    words: REGEXP,
    refusals: [RegexpError],
    run: (input) => {
      const regexp = compileRegexp(asText(input));
      for (const value of [...HOSTILE_VALUES, 'x'.repeat(5000)]) regexp.matches(value);
    },
  },
  {
    name: 'alert templates',
    corpus: readCorpus('alert-templates'),
    words: TEMPLATE,
    refusals: [TemplateError],
    run: async (input) => {
      const template = parseAlertTemplate(asText(input));
      const query = async () => [{ labels: LABELS, value: 1.5 }];
      await expandAlertTemplate(template, { labels: LABELS, value: 12345.678 }, { query, externalUrl: 'http://x' });
    },
  },
];
