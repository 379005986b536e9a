import type { FunctionSignature, ValueType } from '../function-call.ts';

type Shape = readonly [args: string, returns: ValueType, variadic?: number];

/** Argument types by letter: v instant vector, m range vector, s scalar, t text. */
const ARGUMENT_TYPES: Readonly<Record<string, ValueType>> = { v: 'vector', m: 'matrix', s: 'scalar', t: 'string' };

const STABLE: Readonly<Record<string, Shape>> = {
  abs: ['v', 'vector'],
  absent: ['v', 'vector'],
  absent_over_time: ['m', 'vector'],
  acos: ['v', 'vector'],
  acosh: ['v', 'vector'],
  asin: ['v', 'vector'],
  asinh: ['v', 'vector'],
  atan: ['v', 'vector'],
  atanh: ['v', 'vector'],
  avg_over_time: ['m', 'vector'],
  ceil: ['v', 'vector'],
  changes: ['m', 'vector'],
  clamp: ['vss', 'vector'],
  clamp_max: ['vs', 'vector'],
  clamp_min: ['vs', 'vector'],
  cos: ['v', 'vector'],
  cosh: ['v', 'vector'],
  count_over_time: ['m', 'vector'],
  day_of_month: ['v', 'vector', 1],
  day_of_week: ['v', 'vector', 1],
  day_of_year: ['v', 'vector', 1],
  days_in_month: ['v', 'vector', 1],
  deg: ['v', 'vector'],
  delta: ['m', 'vector'],
  deriv: ['m', 'vector'],
  exp: ['v', 'vector'],
  floor: ['v', 'vector'],
  histogram_avg: ['v', 'vector'],
  histogram_count: ['v', 'vector'],
  histogram_fraction: ['ssv', 'vector'],
  histogram_quantile: ['sv', 'vector'],
  histogram_stddev: ['v', 'vector'],
  histogram_stdvar: ['v', 'vector'],
  histogram_sum: ['v', 'vector'],
  hour: ['v', 'vector', 1],
  idelta: ['m', 'vector'],
  increase: ['m', 'vector'],
  irate: ['m', 'vector'],
  label_join: ['vttt', 'vector', -1],
  label_replace: ['vtttt', 'vector'],
  last_over_time: ['m', 'vector'],
  ln: ['v', 'vector'],
  log10: ['v', 'vector'],
  log2: ['v', 'vector'],
  max_over_time: ['m', 'vector'],
  min_over_time: ['m', 'vector'],
  minute: ['v', 'vector', 1],
  month: ['v', 'vector', 1],
  pi: ['', 'scalar'],
  predict_linear: ['ms', 'vector'],
  present_over_time: ['m', 'vector'],
  quantile_over_time: ['sm', 'vector'],
  rad: ['v', 'vector'],
  rate: ['m', 'vector'],
  resets: ['m', 'vector'],
  round: ['vs', 'vector', 1],
  scalar: ['v', 'scalar'],
  sgn: ['v', 'vector'],
  sin: ['v', 'vector'],
  sinh: ['v', 'vector'],
  sort: ['v', 'vector'],
  sort_desc: ['v', 'vector'],
  sqrt: ['v', 'vector'],
  stddev_over_time: ['m', 'vector'],
  stdvar_over_time: ['m', 'vector'],
  sum_over_time: ['m', 'vector'],
  tan: ['v', 'vector'],
  tanh: ['v', 'vector'],
  time: ['', 'scalar'],
  timestamp: ['v', 'vector'],
  vector: ['s', 'vector'],
  year: ['v', 'vector', 1],
};

const EXPERIMENTAL: Readonly<Record<string, Shape>> = {
  double_exponential_smoothing: ['mss', 'vector'],
  end: ['', 'scalar'],
  first_over_time: ['m', 'vector'],
  histogram_quantiles: ['vtss', 'vector', 9],
  info: ['vv', 'vector', 1],
  mad_over_time: ['m', 'vector'],
  max_of: ['ss', 'scalar'],
  min_of: ['ss', 'scalar'],
  range: ['', 'scalar'],
  sort_by_label: ['vt', 'vector', -1],
  sort_by_label_desc: ['vt', 'vector', -1],
  start: ['', 'scalar'],
  start_timestamp: ['v', 'vector'],
  step: ['', 'scalar'],
  ts_of_first_over_time: ['m', 'vector'],
  ts_of_last_over_time: ['m', 'vector'],
  ts_of_max_over_time: ['m', 'vector'],
  ts_of_min_over_time: ['m', 'vector'],
};

/**
 * The signature of every function of Prometheus 3.14. Where `variadic` is positive or -1, the last entries of
 * `argTypes` are the optional ones: all but `argTypes.length - 1` arguments may be left out or repeated.
 */
export const SIGNATURES: ReadonlyMap<string, FunctionSignature> = new Map(
  [...signatures(STABLE, false), ...signatures(EXPERIMENTAL, true)].map((signature) => [signature.name, signature]),
);

function signatures(shapes: Readonly<Record<string, Shape>>, experimental: boolean): FunctionSignature[] {
  return Object.entries(shapes).map(([name, [args, returnType, variadic = 0]]) => ({
    name,
    argTypes: [...args].map(argumentType),
    variadic,
    returnType,
    experimental,
  }));
}

function argumentType(letter: string): ValueType {
  const type = ARGUMENT_TYPES[letter];
  if (type === undefined) throw new Error(`BUG: no argument type has the letter ${JSON.stringify(letter)}`);
  return type;
}
