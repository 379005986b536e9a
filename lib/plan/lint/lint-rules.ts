import { REQUEST_KEYS, RESOURCE_KEYS } from '../../context/aggregation-keys.ts';
import { lintContextLabel } from '../../context/lint-record.ts';
import { vocabularyMetric } from '../../context/vocabulary.ts';
import { Matcher } from '../../model/matcher.ts';
import type { AggregateExpr, Expr, VectorSelector } from '../../promql/ast.ts';
import { selectorsOf, walk } from '../../promql/walk.ts';
import type { Mistake } from '../../rules/mistake.ts';
import type { Pack } from '../../rules/pack.ts';
import type { AlertingRule, RecordingRule, RuleFile } from '../../rules/rule-group.ts';
import { mappingExpr } from '../mapping-expr.ts';
import type { MappingStep, Plan } from '../plan.ts';
import { type Reads, readsOf } from '../push-down-reads.ts';
import { selectedNames } from '../recorded-series.ts';
import { contradiction } from './contradiction.ts';

/**
 * What will most likely not do what was meant, though it can be planned: selectors that find nothing, labels that nobody
 * writes, units that are not converted, aggregations that add up what should stay apart. In the order of the files.
 */
export function lintRules(packs: readonly Pack[], plan: Pick<Plan, 'mappings' | 'derived'>): Mistake[] {
  const reads = readsOf(plan);
  return packs.flatMap(({ ruleFiles, strict }) =>
    ruleFiles.flatMap((file) =>
      rulesOf(file).flatMap((rule) => new RuleLint(file.file, rule, strict, reads).findings()),
    ),
  );
}

function rulesOf({ groups }: RuleFile): readonly (RecordingRule | AlertingRule)[] {
  return groups.flatMap(({ rules }) => rules);
}

class RuleLint {
  readonly #file: string;
  readonly #rule: RecordingRule | AlertingRule;
  readonly #strict: boolean;
  readonly #reads: Reads;

  constructor(file: string, rule: RecordingRule | AlertingRule, strict: boolean, reads: Reads) {
    this.#file = file;
    this.#rule = rule;
    this.#strict = strict;
    this.#reads = reads;
  }

  findings(): Mistake[] {
    const { ast } = this.#rule;
    const inExpr = [
      ...selectorsOf(ast).flatMap((selector) => this.#selector(selector)),
      ...aggregationsOf(ast).flatMap((one) => this.#aggregation(one)),
      ...this.#scale(),
    ];
    return [...[...new Set(inExpr)].map((message) => this.#at('expr', message)), ...this.#recordName()];
  }

  #selector({ matchers }: VectorSelector): string[] {
    const against = contradiction(matchers);
    if (against !== undefined) return [`can never match: ${against.join(' and ')} exclude each other`];
    const wrong = matchers.flatMap(({ name, type, value }) => {
      const message = lintContextLabel(name, type === '=' ? value : '', this.#strict);
      return message === undefined ? [] : [message];
    });
    if (wrong.length > 0) return wrong;
    const names = selectedNames(matchers) ?? [];
    if (names.length === 0 || !names.every((name) => name.startsWith('asserts:'))) return [];
    const { mappings, derived } = this.#reads(matchers);
    // A record of the vocabulary that no pack in use makes is no mistake: another pack may bring it.
    const isKnown = names.some((name) => this.#isRecorded(name));
    if (mappings.length + derived.length > 0 || !isKnown) return [];
    const text = matchers.filter(({ name }) => name !== '__name__').join(', ');
    return [`can never match: no rule records ${names.join(' or ')} with ${text}`];
  }

  #isRecorded(name: string): boolean {
    const { mappings, derived } = this.#reads(selectorsNamed(name));
    return mappings.length + derived.length > 0;
  }

  /** What one environment, or one operation, should have for itself. */
  #aggregation({ grouping, without, expr }: AggregateExpr): string[] {
    const unknown = grouping.flatMap((name) => lintContextLabel(name, '', false) ?? []);
    if (without || unknown.length > 0 || !readsContextualized(expr)) return unknown;
    const { kind } = this.#rule;
    const record = kind === 'recording' ? this.#rule.record : '';
    const missing = keysOf(record).filter((name) => !grouping.includes(name));
    if (missing.length === 0) return [];
    const remedy = record.startsWith('asserts:')
      ? 'without them the result cannot be joined with other metrics of its kind'
      : 'environments are added up';
    return [`aggregates without ${missing.join(', ')}; ${remedy}; add ${missing.length > 1 ? 'them' : 'it'} to by (…)`];
  }

  /** A mapping of `…_milliseconds` to a metric in seconds has to divide by a thousand. */
  #scale(): string[] {
    if (this.#rule.kind !== 'recording') return [];
    const mapped = mappingExpr(this.#rule.ast);
    const wanted = vocabularyMetric(this.#rule.record)?.unit;
    if (mapped === undefined || wanted === undefined) return [];
    const [name = ''] = mapped.matchers.filter((matcher) => matcher.name === '__name__').map(({ value }) => value);
    const unit = UNITS.find((one) => one.base === wanted && one.pattern.test(name));
    if (unit === undefined || near(factorOf(mapped.steps), unit.factor)) return [];
    return [
      `${name} looks like ${unit.name}, and ${this.#rule.record} is in ${wanted}; ` +
        `scale it, for example ${name} ${unit.factor < 1 ? `/ ${Math.round(1 / unit.factor)}` : `* ${unit.factor}`}`,
    ];
  }

  #recordName(): Mistake[] {
    if (this.#rule.kind !== 'recording' || vocabularyMetric(this.#rule.record) !== undefined) return [];
    const { record } = this.#rule;
    const unit = UNITS.find(({ pattern }) => pattern.test(record));
    if (unit === undefined) return [];
    return [this.#at('record', `${record} is named in ${unit.name}; Prometheus metrics are in ${unit.base}`)];
  }

  #at(key: string, message: string): Mistake {
    const { line, lines } = this.#rule;
    return { file: this.#file, line: lines[key] ?? line, key, message };
  }
}

/** Units that Prometheus's naming leaves to display, and what they are in the base unit. */
const UNITS = [
  { name: 'milliseconds', base: 'seconds', factor: 1e-3, pattern: /(^|[_:])(milliseconds?|millis|ms)(?=_|:|$)/ },
  { name: 'microseconds', base: 'seconds', factor: 1e-6, pattern: /(^|[_:])(microseconds?|micros|us)(?=_|:|$)/ },
  { name: 'nanoseconds', base: 'seconds', factor: 1e-9, pattern: /(^|[_:])(nanoseconds?|nanos|ns)(?=_|:|$)/ },
  { name: 'minutes', base: 'seconds', factor: 60, pattern: /(^|[_:])minutes(?=_|:|$)/ },
  { name: 'kilobytes', base: 'bytes', factor: 1024, pattern: /(^|[_:])(kilobytes|kb|kib|kbytes)(?=_|:|$)/i },
  { name: 'megabytes', base: 'bytes', factor: 1024 ** 2, pattern: /(^|[_:])(megabytes|mb|mib|mbytes)(?=_|:|$)/i },
  { name: 'percent', base: 'ratio', factor: 0.01, pattern: /(^|[_:])(percent|percentage|pct)(?=_|:|$)/ },
] as const;

function factorOf(steps: readonly MappingStep[]): number {
  return steps.reduce((factor, step) => {
    if (step.kind === 'multiply') return factor * step.operand;
    return step.kind === 'divide' ? factor / step.operand : factor;
  }, 1);
}

/** Anyone who scales at all, to within what decimal and binary prefixes differ by, has thought of it. */
function near(a: number, b: number): boolean {
  return Math.abs(a / b - 1) < 0.1;
}

function aggregationsOf(expr: Expr): AggregateExpr[] {
  return [...walk(expr)].filter((node) => node.kind === 'aggregation');
}

function readsContextualized(expr: Expr): boolean {
  return selectorsOf(expr).some(({ matchers }) =>
    (selectedNames(matchers) ?? []).some((name) => name.startsWith('asserts:')),
  );
}

function keysOf(record: string): readonly string[] {
  if (record.startsWith('asserts:resource')) return RESOURCE_KEYS.filter((name) => name.startsWith('asserts_'));
  return record.startsWith('asserts:') && !record.startsWith('asserts:mixin') ? requestKeys(record) : ['asserts_env'];
}

/** Metrics of a whole service have no context, and a relation is between services. */
function requestKeys(record: string): readonly string[] {
  const isRequest = /^asserts:(request|error|client:error|latency)(?!:service)/.test(record);
  return isRequest ? REQUEST_KEYS : ['asserts_env'];
}

function selectorsNamed(name: string): readonly Matcher[] {
  return [new Matcher('=', '__name__', name)];
}
