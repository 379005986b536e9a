import { Choices } from './choices.ts';
import { DATA_END, DATA_START } from './dataset.ts';

/** What the server compared with understands beyond the functions every version has. */
export interface Dialect {
  /** `double_exponential_smoothing`, `sort_by_label`, `mad_over_time` … (Prometheus 3 with its experimental functions). */
  readonly experimental: boolean;
}

const FAMILIES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  http_requests_total: { method: ['GET', 'POST'], code: ['200', '404', '500'] },
  memory_bytes: { area: ['heap', 'nonheap'] },
  queue_length: {},
  temperature_celsius: {},
  flapping: {},
  latency_seconds_count: {},
  latency_seconds_sum: {},
  latency_seconds_bucket: { le: ['0.005', '0.5', '+Inf'] },
};
const TARGET = { job: ['api', 'web'], instance: ['a:1', 'b:1', 'c:2', 'd:2'] };

const OVER_TIME = ['avg', 'sum', 'min', 'max', 'count', 'last', 'present', 'stddev', 'stdvar', 'absent'];
const COUNTER_FUNCTIONS = ['rate', 'increase', 'irate', 'resets', 'changes'];
const GAUGE_FUNCTIONS = ['delta', 'idelta', 'deriv', 'changes', 'resets'];
const MATH = ['abs', 'ceil', 'floor', 'sqrt', 'ln', 'log2', 'log10', 'sgn', 'deg', 'rad', 'round'];
const BOUNDED_MATH = [
  'sin',
  'cos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'asin',
  'acos',
  'atanh',
  'tan',
  'exp',
];
const CALENDAR = ['minute', 'hour', 'day_of_week', 'day_of_month', 'day_of_year', 'days_in_month', 'month', 'year'];
const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'];

/**
 * Builds well-typed expressions over the dataset. It stays away from answers that are a matter of taste (which of two
 * equal elements `topk` keeps) and of rounding (equality of computed numbers).
 */
export class ExpressionGenerator {
  readonly #choices: Choices;
  readonly #dialect: Dialect;

  constructor(seed: number, dialect: Dialect) {
    this.#choices = new Choices(seed);
    this.#dialect = dialect;
  }

  /** An instant vector or a scalar. */
  expression(): string {
    const depth = this.#choices.integer(0, 3);
    return this.#choices.chance(0.08) ? this.scalar(depth) : this.vector(depth);
  }

  vector(depth: number): string {
    const choices = this.#choices;
    if (depth <= 0) return this.#selector();
    return choices.way(
      () => this.#selector(),
      () => this.#rangeFunction(depth),
      () => this.#rangeFunction(depth),
      () => this.#function(depth),
      () => this.#aggregation(depth),
      () => this.#aggregation(depth),
      () => this.#quantileOfHistogram(depth),
      () => this.#withScalar(depth),
      () => this.#join(depth),
      () => this.#join(depth),
      () => this.#setOperation(depth),
      () => `-${this.#operand(depth - 1)}`,
    );
  }

  scalar(depth: number): string {
    const choices = this.#choices;
    if (depth <= 0) return choices.of(['2', '0.5', '1e3', '-3', 'pi()', 'time()', '0x1F', '10 % 4', '7']);
    return choices.way(
      () => this.scalar(0),
      () => `scalar(${this.vector(depth - 1)})`,
      () => `scalar(sum(${this.vector(depth - 1)}))`,
      () => `(${this.scalar(depth - 1)} ${choices.of(['+', '-', '*', '/', '%', '^'])} ${this.scalar(0)})`,
      () => `(${this.scalar(depth - 1)} ${choices.of(['<', '>=', '!='])} bool ${this.scalar(0)})`,
      () => `-(${this.scalar(depth - 1)})`,
    );
  }

  matrix(depth: number, families: readonly string[] = Object.keys(FAMILIES)): string {
    const choices = this.#choices;
    const range = choices.of(['1m', '2m30s', '5m', '10m', '1h', '37s']);
    if (depth > 0 && choices.chance(0.25)) {
      return `(${this.vector(depth - 1)})[${choices.of(['5m', '13m', '30m'])}:${choices.of(['', '30s', '1m', '47s'])}]${this.#modifiers()}`;
    }
    return `${this.#plainSelector(choices.of(families))}[${range}]${this.#modifiers()}`;
  }

  #selector(): string {
    return `${this.#plainSelector(this.#choices.of(Object.keys(FAMILIES)))}${this.#modifiers()}`;
  }

  #plainSelector(family: string): string {
    const choices = this.#choices;
    const labels: Record<string, readonly string[]> = { ...TARGET, ...FAMILIES[family] };
    const matchers = Object.keys(labels)
      .filter(() => choices.chance(0.3))
      .map((name) => this.#matcher(name, labels[name] ?? []));
    if (choices.chance(0.05)) return `{__name__="${family}"${matchers.map((matcher) => `,${matcher}`).join('')}}`;
    return matchers.length === 0 ? family : `${family}{${matchers.join(',')}}`;
  }

  #matcher(name: string, values: readonly string[]): string {
    const choices = this.#choices;
    const value = choices.of(values);
    return choices.way(
      () => `${name}="${value}"`,
      () => `${name}!="${value}"`,
      () => `${name}=~"${value.replace('+', '.')}|${choices.of(values).replace('+', '.')}"`,
      () => `${name}=~".*${value.slice(1).replace('+', '.')}"`,
      () => `${name}!~"${value.slice(0, 1).replace('+', '.')}.*"`,
      () => `${name}=~".+"`,
      () => `${name}!=""`,
    );
  }

  #modifiers(): string {
    const choices = this.#choices;
    if (choices.chance(0.75)) return '';
    const offset = ` offset ${choices.of(['1m', '5m', '-2m', '20m'])}`;
    const time = (DATA_START + choices.fraction() * (DATA_END - DATA_START)) / 1000;
    const at = ` @ ${choices.of(['start()', 'end()', time.toFixed(3), time.toFixed(3)])}`;
    return choices.of([offset, at, `${offset}${at}`, `${at}${offset}`]);
  }

  #rangeFunction(depth: number): string {
    const choices = this.#choices;
    const counters = ['http_requests_total', 'latency_seconds_count', 'latency_seconds_bucket'];
    const gauges = ['memory_bytes', 'queue_length', 'temperature_celsius', 'flapping'];
    return choices.way(
      () => `${choices.of(COUNTER_FUNCTIONS)}(${this.matrix(depth - 1, counters)})`,
      () => `${choices.of(GAUGE_FUNCTIONS)}(${this.matrix(depth - 1, gauges)})`,
      () => `${choices.of(OVER_TIME)}_over_time(${this.matrix(depth - 1)})`,
      () => `quantile_over_time(${choices.of(['0.5', '0.9', '0', '1', '-1', '2'])}, ${this.matrix(depth - 1)})`,
      () => `predict_linear(${this.matrix(depth - 1, gauges)}, ${choices.of(['60', '3600', '-300'])})`,
      () => this.#experimentalRange(depth, gauges),
    );
  }

  #experimentalRange(depth: number, gauges: readonly string[]): string {
    const matrix = this.matrix(depth - 1, gauges);
    if (!this.#dialect.experimental) return `avg_over_time(${matrix})`;
    return this.#choices.of([`mad_over_time(${matrix})`, `double_exponential_smoothing(${matrix}, 0.3, 0.6)`]);
  }

  #function(depth: number): string {
    const choices = this.#choices;
    const inner = this.vector(depth - 1);
    return choices.way(
      () => `${choices.of(MATH)}(${inner})`,
      () => `${choices.of(BOUNDED_MATH)}(${inner} / 1e7)`,
      () => `round(${inner}, ${choices.of(['0.1', '5', '100'])})`,
      () => `clamp(${inner}, ${choices.of(['0', '-5'])}, ${choices.of(['3', '1000'])})`,
      () => `${choices.of(['clamp_min', 'clamp_max'])}(${inner}, ${this.scalar(depth - 1)})`,
      () => `timestamp(${inner})`,
      () => `label_replace(${inner}, "${choices.of(['zone', 'job'])}", "z-$1", "instance", "(.):.*")`,
      () => `label_join(${inner}, "target", "/", "job", "instance")`,
      () => `absent(${choices.of([inner, 'nothing_here{a="b"}'])})`,
      () => `vector(${this.scalar(depth - 1)})`,
      () => `${choices.of(CALENDAR)}(${choices.of(['', `timestamp(${inner})`])})`,
      () => `${choices.of(['sort', 'sort_desc'])}(${inner})`,
    );
  }

  #aggregation(depth: number): string {
    const choices = this.#choices;
    const grouping = this.#grouping();
    const simple = () => `${choices.of(AGGREGATIONS)}${grouping}(${this.vector(depth - 1)})`;
    return choices.way(
      simple,
      simple,
      simple,
      () =>
        `${choices.of(['topk', 'bottomk'])}${grouping}(${choices.integer(0, 4)}, ${choices.of(['memory_bytes', 'temperature_celsius', 'rate(latency_seconds_sum[5m])'])})`,
      () =>
        `quantile${grouping}(${choices.of(['0.5', '0.95', '0', '-1', '1.5', this.scalar(0)])}, ${this.vector(depth - 1)})`,
      () => `count_values${grouping}("value", ${choices.of(['queue_length', 'build_info', 'queue_length > 5'])})`,
    );
  }

  #grouping(): string {
    const choices = this.#choices;
    const labels = choices.some(['job', 'instance', 'code', 'method', 'le']).join(', ');
    return choices.of([' ', ` by (${labels}) `, ` by (${labels}) `, ` without (${labels}) `, ' by () ']);
  }

  #quantileOfHistogram(depth: number): string {
    const choices = this.#choices;
    const rate = `rate(latency_seconds_bucket${choices.of(['', '{job="api"}'])}[${choices.of(['5m', '10m', '1m'])}]${this.#modifiers()})`;
    const buckets = choices.of([rate, `sum by (le) (${rate})`, `sum by (le, job) (${rate})`, 'latency_seconds_bucket']);
    return `histogram_quantile(${choices.of(['0.5', '0.9', '0.99', '0', '1', '-0.1', this.scalar(depth > 1 ? 1 : 0)])}, ${buckets})`;
  }

  #withScalar(depth: number): string {
    const choices = this.#choices;
    const operator = choices.of([
      '+',
      '-',
      '*',
      '/',
      '%',
      '^',
      'atan2',
      '<',
      '>',
      '<=',
      '>=',
      '!=',
      '> bool',
      '< bool',
    ]);
    const operands = [
      this.#operand(depth - 1),
      operator === '^' ? choices.of(['2', '0.5', '-1']) : this.scalar(depth - 1),
    ];
    // scalar ^ vector grows out of all bounds, and with it the rounding errors.
    if (operator !== '^' && choices.chance(0.3)) operands.reverse();
    return `${operands[0]} ${operator} ${operands[1]}`;
  }

  /** Pairs that match: one to one by construction, or many to one. */
  #join(depth: number): string {
    const choices = this.#choices;
    const operator = choices.of(['+', '-', '*', '/', 'atan2', '>', '<', '>= bool', '!=']);
    const grouped = () => `${choices.of(['sum', 'max', 'avg'])} by (job) (${this.vector(depth - 1)})`;
    return choices.way(
      () => `${grouped()} ${operator} ${grouped()}`,
      () => `${grouped()} ${operator} on(job) ${grouped()}`,
      () => `memory_bytes{area="heap"} ${operator} ignoring(area) memory_bytes{area="nonheap"}`,
      () => `queue_length ${operator} on(job, instance) temperature_celsius`,
      () =>
        `rate(http_requests_total[5m]) ${operator} on(job, instance) group_left ${choices.of(['queue_length', 'temperature_celsius'])}`,
      () => `${this.#plainSelector('memory_bytes')} * on(job, instance) group_left(version) build_info`,
      () => `build_info * on(job, instance) group_right(version) ${this.#plainSelector('http_requests_total')}`,
      () => `${this.#operand(depth - 1)} ${operator} ${this.#operand(depth - 1)}`,
      () => `http_requests_total ${operator} http_requests_total offset ${choices.of(['5m', '1m'])}`,
    );
  }

  #setOperation(depth: number): string {
    const choices = this.#choices;
    const matching = choices.of(['', '', ' on(job)', ' on(instance, job)', ' ignoring(area, code)', ' on()']);
    return `${this.#operand(depth - 1)} ${choices.of(['and', 'or', 'unless'])}${matching} ${this.#operand(depth - 1)}`;
  }

  #operand(depth: number): string {
    return depth <= 0 ? this.#selector() : `(${this.vector(depth)})`;
  }
}
