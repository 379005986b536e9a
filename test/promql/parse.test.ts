import { parser as lezer } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expr } from '../../lib/promql/ast.ts';
import { ParseError } from '../../lib/promql/errors.ts';
import { MAX_QUERY_LENGTH, parseExpr } from '../../lib/promql/parse.ts';
import type { QueryFeature } from '../../lib/promql/query-options.ts';
import { arbitraryQuery } from './arbitrary-query.ts';

const EVERYTHING: ReadonlySet<QueryFeature> = new Set<QueryFeature>([
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
]);

function parse(query: string): Expr {
  return parseExpr(query, { features: EVERYTHING });
}

/** Parenthesised form of an expression's structure, for checks of precedence. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case 'binaryExpr':
      return `(${shape(expr.lhs)} ${expr.op} ${shape(expr.rhs)})`;
    case 'unaryExpr':
      return `(${expr.op}${shape(expr.expr)})`;
    case 'parenExpr':
      return shape(expr.expr);
    case 'numberLiteral':
      return String(expr.value);
    case 'vectorSelector':
      return `${expr.name}${expr.offset === 0 ? '' : `@-${expr.offset}`}`;
    default:
      return expr.kind;
  }
}

describe('precedence', () => {
  it.each([
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['-1 ^ 2', '(-(1 ^ 2))'],
    ['-a * b', '((-a) * b)'],
    ['2 ^ -a * b', '((2 ^ (-a)) * b)'],
    ['a or b and c unless d', '(a or ((b and c) unless d))'],
    ['a + b offset 5m', '(a + b@-300000)'],
    ['a == bool b + 1', '(a == (b + 1))'],
    ['a atan2 b % c', '((a atan2 b) % c)'],
    ['a offset 100 + 2', '(a@-100000 + 2)'],
    ['a + fill', '(a + fill)'],
  ])('%s', (query, expected) => {
    expect(shape(parse(query))).toBe(expected);
  });
});

describe('literals', () => {
  it.each([
    ['0x1F', 31],
    ['017', 15],
    ['08', 8],
    ['1_000.5e3', 1_000_500],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-3', 0.001],
    ['5m', 300],
    ['1h30m500ms', 5400.5],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
  ])('number %s', (query, expected) => {
    const expr = parse(query);
    expect(expr.kind === 'numberLiteral' && expr.value).toEqual(expected);
  });

  it.each([
    [String.raw`"a\n\t\"\\"`, 'a\n\t"\\'],
    [String.raw`'it\'s "fine"'`, 'it\'s "fine"'],
    [String.raw`"\x41\101\u00e9\U0001F600"`, 'AAé😀'],
    [String.raw`"\xc3\xa9"`, 'é'],
    ['`raw \\n "text"`', 'raw \\n "text"'],
    ['""', ''],
  ])('string %s', (query, expected) => {
    const expr = parse(query);
    expect(expr.kind === 'stringLiteral' && expr.value).toBe(expected);
  });

  it('skips comments', () => {
    expect(shape(parse('# first\n1 + # one\n 2 # two'))).toBe('(1 + 2)');
  });
});

describe('selectors', () => {
  it('holds matchers in the order written, the name last', () => {
    const expr = parse('up{job="api", "x.y"!~"a|b",}');
    const matchers = expr.kind === 'vectorSelector' ? expr.matchers.map(String) : [];
    expect(matchers).toEqual(['job="api"', 'x.y!~"a|b"', '__name__="up"']);
  });

  it('reads a quoted metric name', () => {
    const expr = parse('{"http.requests", a="b"}');
    expect(expr).toMatchObject({ name: '', matchers: [{ name: '__name__', value: 'http.requests' }, { name: 'a' }] });
  });

  it('reads every time modifier', () => {
    expect(parse('rate(x[5m] @ 1.5 offset -1h)')).toMatchObject({
      args: [{ kind: 'matrixSelector', range: 300_000, selector: { timestamp: 1500, offset: -3_600_000 } }],
    });
    expect(parse('(x)[1h:5m] @ end() offset 1w')).toMatchObject({
      kind: 'subquery',
      range: 3_600_000,
      step: 300_000,
      startOrEnd: 'end',
      offset: 604_800_000,
    });
    expect(parse('x[90:]')).toMatchObject({ kind: 'subquery', range: 90_000, step: 0 });
  });

  it('marks anchored and smoothed selectors', () => {
    expect(parse('rate(x[5m] anchored)')).toMatchObject({ args: [{ selector: { extension: 'anchored' } }] });
    expect(parse('x smoothed offset 1m')).toMatchObject({ extension: 'smoothed', offset: 60_000 });
  });

  it('keeps duration expressions for the engine', () => {
    expect(parse('x offset -step()*2')).toMatchObject({
      kind: 'binaryExpr',
      lhs: { offset: 0, offsetExpr: { kind: 'unary', op: '-', expr: { kind: 'step' } } },
    });
    expect(parse('x[MIN_OF(step()+1,1h)]')).toMatchObject({ rangeExpr: { kind: 'min_of', lhs: { op: '+' } } });
  });

  it.each(['sum', 'by', 'offset', 'and', 'start', 'step', 'fill_left', 'Sum', 'time'])(
    '%s can name a metric',
    (name) => {
      expect(parse(name)).toMatchObject({ kind: 'vectorSelector', name });
    },
  );
});

describe('vector matching', () => {
  it('reads all modifiers', () => {
    expect(parse('a / ON(x, "y.z") Group_Left(c) fill_right(-1) fill_left(2) b')).toMatchObject({
      matching: { card: 'many-to-one', on: true, labels: ['x', 'y.z'], include: ['c'], fillLeft: 2, fillRight: -1 },
    });
    expect(parse('a and b')).toMatchObject({ matching: { card: 'many-to-many', on: false } });
  });

  it('leaves no matching on operators with a scalar', () => {
    expect(parse('a + 1')).not.toHaveProperty('matching');
    expect(parse('a + on() 1')).not.toHaveProperty('matching');
  });
});

describe('errors', () => {
  it.each([
    ['', 'unknown position: parse error: no expression found in input'],
    ['# nothing', '1:1: parse error: no expression found in input'],
    ['sum((', '1:6: parse error: unclosed left parenthesis'],
    ['(1))', "1:5: parse error: unexpected right parenthesis ')'"],
    ['1 /', '1:4: parse error: unexpected end of input'],
    ['*1', '1:1: parse error: unexpected <op:*>'],
    ['a b', '1:3: parse error: unexpected identifier "b"'],
    ['a\n+ sum(\n  on)', '3:3: parse error: unexpected <on>'],
    ['foo(1, )', '1:6: parse error: trailing commas not allowed in function call args'],
    ['nope(1)', '1:1: parse error: unknown function with name "nope"'],
    ['a{b="c', '1:5: parse error: unterminated quoted string'],
    ['`abc', '1:1: parse error: unterminated raw string'],
    ['"\\q"', "1:1: parse error: unknown escape sequence U+0071 'q'"],
    ['"\\xff"', '1:1: parse error: invalid UTF-8 in string literal "\\xff"'],
    ['"\\ud800"', '1:1: parse error: escape sequence is an invalid Unicode code point'],
    ['{', '1:2: parse error: unexpected end of input inside braces'],
    ['x{a=1}', "1:5: parse error: unexpected character inside braces: '1'"],
    ['x{a}', '1:4: parse error: unexpected "}" in label matching, expected label matching operator'],
    ['x{a="b" c="d"}', '1:9: parse error: unexpected identifier "c" in label matching, expected "," or "}"'],
    ['x{a=~"["}', '1:3: parse error: error parsing regexp: missing closing ]: `[`'],
    ['x[', '1:3: parse error: unclosed left bracket'],
    ['x[5mm]', '1:3: parse error: bad number or duration syntax: "5mm"'],
    ['x["5m"]', "1:3: parse error: unexpected character in duration expression: '\"'"],
    ['x[0s]', '1:3: parse error: duration must be greater than 0'],
    ['x[5m:1m:1m]', "1:8: parse error: unexpected colon ':'"],
    ['(x + y)[5m]', '1:8: parse error: ranges only allowed for vector selectors'],
    ['x offset 5m [5m]', '1:13: parse error: no offset modifiers allowed before range'],
    ['x @ 5 [5m]', '1:7: parse error: no @ modifiers allowed before range'],
    ['x offset 1m offset 2m', '1:1: parse error: offset may not be set multiple times'],
    ['x @ 1 @ 2', '1:1: parse error: @ <timestamp> may not be set multiple times'],
    [
      '1 offset 1d',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['x offset', '1:9: parse error: unexpected end of input in offset, expected number, duration, step(), or range()'],
    ['x @ y', '1:5: parse error: unexpected identifier "y" in @, expected timestamp'],
    ['sum without(==)(x)', '1:13: parse error: unexpected <op:==> in grouping opts, expected label'],
    ['sum by (a) x', '1:12: parse error: unexpected identifier "x" in aggregation'],
    ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
    ['a =~ b', "1:3: parse error: unexpected character after '=': '~'"],
    ['a ! b', "1:3: parse error: unexpected character after '!': ' '"],
    ['a $ b', "1:3: parse error: unexpected character: '$'"],
  ])('%s', (query, message) => {
    expect(() => parse(query)).toThrow(expect.objectContaining({ name: 'ParseError', message }));
  });

  it.each([
    [
      'limitk(1, x)',
      'limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    ],
    ['x[1m+1m]', 'experimental duration expression is not enabled'],
    ['rate(x[1m] anchored)', 'anchored modifier is experimental and not enabled'],
    ['a + fill(0) b', 'binop fill modifiers are experimental and not enabled'],
    ['info(x)', 'function "info" is not enabled'],
  ])('%s needs its feature', (query, reason) => {
    expect(() => parseExpr(query)).toThrow(reason);
    expect(parse(query)).toBeDefined();
  });
});

describe('bounds', () => {
  it.each([
    ['parentheses', `${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
    ['signs', `${'-'.repeat(20_000)}a`],
    ['operators', Array(20_000).fill('a').join('+')],
    ['powers', Array(20_000).fill('2').join('^')],
    ['subqueries', `a${'[1m:]'.repeat(20_000)}`],
  ])('deep nesting of %s ends in an error', (_, query) => {
    expect(() => parse(query)).toThrow(/nested more than 1000 levels deep/);
  });

  it('refuses a query of megabytes', () => {
    expect(() => parse(`a${' '.repeat(MAX_QUERY_LENGTH)}`)).toThrow('expression is longer than 1048576 characters');
  });

  it('takes long flat expressions', () => {
    expect(parse(Array(900).fill('a').join(' or ')).kind).toBe('binaryExpr');
  });

  it('answers any text with an expression or a ParseError', () => {
    const fragment = fc.constantFrom(
      ...[
        'sum',
        '(',
        ')',
        '{',
        '}',
        '[',
        ']',
        '"a"',
        '5m',
        ':',
        '@',
        'offset',
        'by',
        'a',
        '=',
        '=~',
        ',',
        '-',
        ' ',
        '\\',
      ],
    );
    const text = fc.oneof(
      fc.array(fragment).map((parts) => parts.join('')),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(text, (query) => {
        try {
          parse(query);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('beside the published grammar', () => {
  it('accepts nothing that the grammar of editors refuses', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        // As a metric name, `offset` is an identifier to Prometheus and a keyword to the grammar of editors.
        fc.pre(!/\boffset\b(?! -?\d)/.test(query));
        parse(query);
        const errors: number[] = [];
        lezer.parse(query).iterate({
          enter: (node) => {
            if (node.type.isError) errors.push(node.from);
          },
        });
        expect(errors, query).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
