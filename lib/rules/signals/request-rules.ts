import type { Matcher } from '../../model/matcher.ts';
import { contextConfigs, type SignalRead } from './context-configs.ts';
import { type DurationUnit, unitInName } from './duration-unit.ts';
import type { Expansion, RuleDraft, SignalProblem } from './rule-draft.ts';
import { type Selector, selectorText } from './selector.ts';
import type { RequestSignal, SignalOf } from './signal.ts';

/** Collects the rules of a request signal, and what its relabel configs have to be about. */
export class RequestRules {
  readonly #signal: RequestSignal;
  readonly #rules: RuleDraft[] = [];
  readonly #reads = new Map<Selector, Set<string>>();

  constructor(signal: RequestSignal) {
    this.#signal = signal;
  }

  /** Adds a rule that records what `metric` with the suffix selects; `change` scales it or writes labels. */
  add(record: string, metric: Selector, options: RuleOptions = {}): void {
    const { suffix = '', matchers = [], change = (expr) => expr, labels = {}, at } = options;
    const { where = [], source, request_type } = this.#signal;
    this.#reads.set(metric, (this.#reads.get(metric) ?? new Set()).add(suffix));
    this.#rules.push({
      record,
      expr: change(selectorText(metric, suffix, [...where, ...matchers])),
      labels: { asserts_source: source, asserts_request_type: request_type, ...labels, ...this.#signal.labels },
      ...(at === undefined ? {} : { at }),
    });
  }

  /** Adds rules for the failed requests among those that `metric` counts. */
  addFailures(
    form: 'total' | 'gauge' | 'histogram',
    metric: Selector,
    { errors = [], client_errors }: Pick<SignalOf<'histogram'>, 'errors' | 'client_errors'>,
    options: Pick<RuleOptions, 'suffix' | 'change' | 'matchers'> = {},
  ): void {
    const narrowed = (matchers: readonly Matcher[]) => ({
      ...options,
      matchers: [...(options.matchers ?? []), ...matchers],
    });
    for (const [i, { type, when }] of errors.entries()) {
      const labels = { asserts_error_type: type };
      this.add(`asserts:error:${form}`, metric, { ...narrowed(when), labels, at: ['errors', i] });
    }
    if (client_errors === undefined) return;
    this.add(`asserts:client:error:${form}`, metric, { ...narrowed(client_errors), at: ['client_errors'] });
  }

  expansion(): Expansion {
    const { context = [], where = [], request_type, exclude_health = request_type === 'inbound' } = this.#signal;
    const reads = [...this.#reads].map(
      ([{ name, matchers }, suffixes]): SignalRead => ({
        name,
        suffixes: [...suffixes],
        matchers: [...matchers, ...where],
      }),
    );
    return {
      rules: this.#rules,
      relabelConfigs: reads.flatMap((read) => contextConfigs(read, context, exclude_health)),
    };
  }
}

interface RuleOptions {
  readonly suffix?: string;
  readonly matchers?: readonly Matcher[];
  readonly change?: (expr: string) => string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly at?: RuleDraft['at'];
}

/** Client errors are the client's fault only where the service is the server. */
export function clientErrorProblems(
  signal: Pick<SignalOf<'histogram'>, 'client_errors' | 'request_type'>,
): SignalProblem[] {
  if (signal.client_errors === undefined || signal.request_type === 'inbound') return [];
  const message = `is about inbound requests only; give it under errors as {type: client_errors, when: …} for ${signal.request_type} ones`;
  return [{ key: 'client_errors', message }];
}

/** A name that tells another unit than the signal, most likely because the signal tells none. */
export function unitProblems(
  key: string,
  unit: DurationUnit | undefined,
  metric: Selector | undefined,
): SignalProblem[] {
  const told = metric && unitInName(metric.name);
  if (told === undefined || told === (unit ?? 'seconds')) return [];
  const problem = unit === undefined ? 'is missing' : `is ${unit}`;
  return [
    {
      key,
      message: `${problem}, but ${metric?.name} is named for ${told}; give ${key}: ${told}, or rename the metric`,
    },
  ];
}
