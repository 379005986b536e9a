/** Selectors of histograms of one kind, each with what can be taken of it over a window. */
const COUNTERS = ['h', 'hf', 'hc', 'mixed', 'h{i="1"}'];
const GAUGES = ['hg', 'hg{i="0"}'];
const OVER_COUNTERS = ['rate', 'increase', 'irate'];
const OVER_GAUGES = ['delta', 'idelta'];
const OVER_ALL = [
  'sum_over_time',
  'avg_over_time',
  'last_over_time',
  'count_over_time',
  'present_over_time',
  'absent_over_time',
  'changes',
  'resets',
  'max_over_time',
  'min_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'deriv',
];
const PARTS = ['histogram_count', 'histogram_sum', 'histogram_avg', 'histogram_stddev', 'histogram_stdvar'];
const QUANTILES = ['-1', '0', '0.01', '0.5', '0.9', '0.999', '1', '2', 'NaN'];
const FRACTIONS = ['-Inf, 0.5', '0.2, 1.7', '-3, 0', '0.0005, 8', '0, +Inf', '-Inf, +Inf', '1, 0.5', 'NaN, 1'];
const AGGREGATIONS = ['sum', 'avg', 'count', 'group', 'min', 'max', 'stddev', 'stdvar'];

/** Queries over `histogramDataset`: every function, aggregation and operator that can meet a histogram. */
export function histogramQueries(): string[] {
  const all = [...COUNTERS, ...GAUGES];
  const rates = COUNTERS.map((selector) => `rate(${selector}[2m])`);
  const vectors = [...all, ...rates, ...GAUGES.map((selector) => `delta(${selector}[2m])`)];
  return [
    ...vectors,
    ...all.flatMap((selector) => [`${selector} offset 3m`, `${selector} @ 1763806500`, `timestamp(${selector})`]),
    ...COUNTERS.flatMap((selector) => OVER_COUNTERS.map((name) => `${name}(${selector}[3m])`)),
    ...GAUGES.flatMap((selector) => OVER_GAUGES.map((name) => `${name}(${selector}[3m])`)),
    ...all.flatMap((selector) => OVER_ALL.map((name) => `${name}(${selector}[2m])`)),
    ...vectors.flatMap((vector) => PARTS.map((name) => `${name}(${vector})`)),
    ...vectors.flatMap((vector) => QUANTILES.map((q) => `histogram_quantile(${q}, ${vector})`)),
    ...vectors.flatMap((vector) => FRACTIONS.map((bounds) => `histogram_fraction(${bounds}, ${vector})`)),
    ...['h', 'hg', 'hc', 'rate(h[2m])', 'mixed', '{__name__=~"h|x"}', '{__name__=~"hg|hf"}'].flatMap((vector) => [
      ...AGGREGATIONS.flatMap((name) => [`${name}(${vector})`, `${name} by (job) (${vector})`]),
      `topk(1, ${vector})`,
      `bottomk(2, ${vector})`,
      `quantile(0.5, ${vector})`,
      `count_values("v", ${vector})`,
      `limitk(1, sum(${vector}))`,
      `histogram_quantile(0.9, sum by (job) (${vector}))`,
      `sum without (i) (${vector})`,
    ]),
    ...['h', 'hg', 'hc', 'rate(hf[2m])'].flatMap(operations),
    'mixed + mixed',
    'mixed * 2',
    'mixed > 5',
    'mixed == mixed offset 15s',
    'h * on (i) group_left () x',
    'x * on (i) h',
    'h + on (i) x',
    'x - on (i) h',
    'h / on (i) x',
    'h == on (i) x',
    'h and on (job) x',
    'h or x',
    'h unless on (i) x',
    'hg + on (i) hf',
    'hg - on (i) group_left () hf',
    'h - on (i) h offset 1m',
    'sum(h) / 4',
    'h{i="0"} - ignoring (i, job) group_left () hg{i="0"}',
    'absent(h)',
    'absent(h{i="9"})',
    'sort(h)',
    'sort_desc(h)',
    'abs(h)',
    'clamp(h, 1, 2)',
    'round(h)',
    'sgn(hg)',
    'scalar(h{i="0"})',
    'label_replace(h, "k", "$1", "i", "(.*)")',
    'label_join(h, "k", "-", "job", "i")',
    'sort_by_label(h, "i")',
    'rate(h[4m:30s])',
    'increase(hc[4m:45s])',
    'sum_over_time(rate(h[1m])[3m:30s])',
    'avg_over_time(hg[3m:20s])',
    'histogram_quantile(0.9, sum(rate(h[5m])))',
    'histogram_avg(sum by (job) (rate(h[5m])))',
    'histogram_quantile(0.5, histogram_quantile(0.5, h))',
    'histogram_fraction(0, 1, sum(hc))',
    'sum(hc) + sum(rate(hc[1m]))',
    'sum(hc) + sum(h)',
    'sum({__name__=~"hc|h"})',
    'avg({__name__=~"hc|h"})',
    'rate(x[2m]) + on (i) rate(h[2m])',
    'rate(hg[2m])',
    'increase(hg[2m])',
    'delta(h[2m])',
    'irate(hg[2m])',
  ];
}

function operations(vector: string): string[] {
  return [
    `-${vector}`,
    `+${vector}`,
    `${vector} + ${vector}`,
    `${vector} - ${vector}`,
    `${vector} * 3`,
    `0.5 * ${vector}`,
    `${vector} / 3`,
    `${vector} / 0`,
    `3 / ${vector}`,
    `${vector} + 1`,
    `1 - ${vector}`,
    `${vector} ^ 2`,
    `${vector} % 2`,
    `${vector} * ${vector}`,
    `${vector} / ${vector}`,
    `${vector} == ${vector}`,
    `${vector} != ${vector}`,
    `${vector} == bool ${vector}`,
    `${vector} > ${vector}`,
    `${vector} > 1`,
    `${vector} == 1`,
    `1 < bool ${vector}`,
    `${vector} and ${vector}`,
    `${vector} or ${vector}`,
    `${vector} unless ${vector}`,
    `${vector} atan2 ${vector}`,
    `histogram_count(${vector} - ${vector})`,
    `histogram_quantile(0.3, ${vector} * 2 + ${vector})`,
  ];
}
