import fc from 'fast-check';

/** Texts of PromQL expressions that parse and type-check, vectors at the top. */
export const arbitraryQuery: fc.Arbitrary<string> = fc.letrec<{ vector: string; scalar: string; matrix: string }>(
  (tie) => ({
    vector: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      selector(),
      fc.tuple(tie('vector'), modifier()).map(([v, m]) => (/^[a-z_]+(\{[^}]*\})?$/.test(v) ? `${v}${m}` : v)),
      fc.tuple(fc.constantFrom('rate', 'sum_over_time', 'last_over_time'), tie('matrix')).map(([f, m]) => `${f}(${m})`),
      fc.tuple(fc.constantFrom('abs', 'sort', 'absent'), tie('vector')).map(([f, v]) => `${f}(${v})`),
      fc
        .tuple(fc.constantFrom('sum', 'avg', 'count', 'max'), grouping(), tie('vector'))
        .map(([op, by, v]) => `${op}${by}(${v})`),
      fc
        .tuple(fc.constantFrom('topk', 'quantile'), tie('scalar'), tie('vector'))
        .map(([op, k, v]) => `${op}(${k}, ${v})`),
      fc
        .tuple(tie('vector'), fc.constantFrom('+', '-', '*', '/', '%', '^', 'atan2', '> bool'), tie('vector'))
        .map(([l, op, r]) => `${l} ${op} ${r}`),
      fc
        .tuple(
          tie('vector'),
          fc.constantFrom('and', 'or', '== on (a)', 'unless on (a, b)', '* on (a) group_left (b)'),
          tie('vector'),
        )
        .map(([l, op, r]) => `(${l}) ${op} (${r})`),
      fc
        .tuple(tie('vector'), fc.constantFrom('+', '<', '!= bool'), tie('scalar'))
        .map(([l, op, r]) => `${l} ${op} ${r}`),
      tie('vector').map((v) => `(${v})`),
      tie('vector').map((v) => `-${v}`),
    ),
    scalar: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('1', '0.5', '1e3', '0x1f', '5m', 'NaN', 'time()', '1_000'),
      tie('scalar').map((s) => `(${s})`),
      fc.tuple(tie('scalar'), fc.constantFrom('+', '^', '* '), tie('scalar')).map(([l, op, r]) => `${l} ${op} ${r}`),
    ),
    matrix: fc.oneof(
      { depthSize: 'small' },
      fc.tuple(selector(), duration(), modifier()).map(([s, d, m]) => `${s}[${d}]${m}`),
      fc
        .tuple(tie('vector'), duration(), fc.oneof(fc.constant(''), duration()), modifier())
        .map(([v, range, step, m]) => `(${v})[${range}:${step}]${m}`),
    ),
  }),
).vector;

function selector(): fc.Arbitrary<string> {
  const name = fc.constantFrom('up', 'node_cpu:rate', 'sum', 'offset', 'fill', 'by', 'start');
  const matcher = fc
    .tuple(
      fc.constantFrom('a', 'job', '"x.y"'),
      fc.constantFrom('=', '!=', '=~', '!~'),
      fc.constantFrom('', 'a|b', 'é"\\\n'),
    )
    .map(([label, op, value]) => `${label}${op}${JSON.stringify(value)}`)
    .filter((text) => !text.includes('~"é'));
  return fc
    .tuple(name, fc.option(fc.array(matcher, { maxLength: 3 }), { nil: undefined }))
    .map(([metric, matchers]) => (matchers === undefined ? metric : `${metric}{${matchers.join(', ')}}`));
}

function grouping(): fc.Arbitrary<string> {
  return fc.constantFrom('', ' by (a, job) ', ' without () ', ' by ("x.y",) ');
}

function duration(): fc.Arbitrary<string> {
  return fc.constantFrom('5m', '1h30m', '90', '0.5', '2d', '1500ms');
}

function modifier(): fc.Arbitrary<string> {
  return fc.constantFrom('', ' offset 5m', ' offset -1h', ' @ 12.345', ' @ start()', ' @ end() offset 1w');
}
