import { applyIdentity } from '../context/identity.ts';
import { applyScope, ENV_LABEL, missingEnvDetail } from '../context/scope.ts';
import type { ScopeConfig } from '../context/tenant.ts';
import type { Labels } from '../model/labels.ts';
import { newRawKeeper, type RawKeeper } from './kept-raw.ts';
import { compileMapping, type Mapping, NAME_LABEL } from './mapping.ts';
import { NameIndex } from './name-index.ts';
import type { KeptRaw, MappingRule, Plan, PlannedRelabelConfig } from './plan.ts';
import { RelabelSteps } from './relabel-steps.ts';
import { matchesAll } from './selection.ts';
import { RememberedSeries, SeriesCache } from './series-cache.ts';

/** One contextualized series that a raw series becomes. */
export interface ContextualizedOutput {
  readonly labels: Labels;
  /** What becomes of each value; stale markers pass unchanged. */
  readonly map: (value: number) => number;
  /** The rule that made it, or the reason why a raw series is kept as it is. */
  readonly rule: MappingRule | KeptRaw;
}

export const DROP_REASONS = ['no_asserts_env', 'relabel_drop', 'no_rule_matched', 'colliding_series'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** What becomes of a raw series. `detail` tells a person why it was dropped and what to change. */
export type Contextualized =
  | { readonly kind: 'mapped'; readonly outputs: readonly ContextualizedOutput[] }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly detail: string };

export interface ContextualizerOptions {
  /** Raw series remembered over all sources; those that nobody sends any more go first. About 2 KB each. */
  readonly maxEntries?: number;
  /** ms */
  readonly now?: () => number;
}

const DEFAULT_MAX_ENTRIES = 50_000;

/**
 * Turns raw series into contextualized ones: scope, relabel configs, identity, mapping rules. A pure function of plan,
 * scope and labels, remembered by raw labels; no value and no time plays a part, so what is forgotten costs time and
 * nothing else.
 */
export class Contextualizer {
  readonly #relabeling: RelabelSteps;
  readonly #mappings: NameIndex<Mapping>;
  readonly #keptRaw: RawKeeper;
  readonly #cache: SeriesCache;

  /** @throws RegexpError when a regex of the plan is not valid RE2. */
  constructor(
    plan: Pick<Plan, 'relabelConfigs' | 'mappings'> & Partial<Pick<Plan, 'keptRaw'>>,
    options: ContextualizerOptions = {},
  ) {
    this.#relabeling = new RelabelSteps(plan.relabelConfigs);
    this.#mappings = new NameIndex(plan.mappings.map(compileMapping), (mapping) => mapping.matchers);
    this.#keptRaw = newRawKeeper(plan.keptRaw ?? []);
    this.#cache = new SeriesCache(options.maxEntries ?? DEFAULT_MAX_ENTRIES, options.now ?? Date.now);
  }

  /**
   * What `raw` becomes under the scope of its source. Two raw series of one source never become one: the second is
   * refused. Sources are told apart by their scope object and, where sources share one, by `source` (any text).
   */
  contextualize(raw: Labels, scope: ScopeConfig, source = ''): Contextualized {
    const found = this.look(raw, scope, source);
    return found instanceof RememberedSeries ? answerOf(found) : found;
  }

  /**
   * The same, answered with what is remembered of the series, to recall it from without looking for it again; or, where
   * there is no room for it or the answer depends on what else is there (`colliding_series`), with the answer itself.
   */
  look(raw: Labels, scope: ScopeConfig, source = ''): RememberedSeries | Contextualized {
    const series = this.#cache.of(scope, source);
    const known = series.get(raw);
    if (known !== undefined) return known;
    const result = this.#compute(raw, scope);
    const outputs = result.kind === 'dropped' ? [] : result.outputs;
    const collision = series.claim(raw, outputs);
    if (collision !== undefined) return { kind: 'dropped', reason: 'colliding_series', detail: collision };
    const remembered = series.remember(raw, result);
    if (remembered === undefined) series.disclaim(raw, outputs);
    return remembered ?? result;
  }

  /**
   * What `raw` would become, remembered nowhere and held against no other series: for questions about series that may
   * never have come in.
   */
  preview(raw: Labels, scope: ScopeConfig): Contextualized {
    return this.#compute(raw, scope);
  }

  /** Hits, misses and evictions since the start, and how many raw series are remembered. */
  get cacheStats(): {
    readonly hits: number;
    readonly misses: number;
    readonly evictions: number;
    readonly entries: number;
  } {
    return this.#cache.stats;
  }

  #compute(raw: Labels, scope: ScopeConfig): Contextualized {
    const rawName = raw.metricName;
    let labels: Labels | undefined = applyScope(raw, scope).with({ [NAME_LABEL]: rawName });
    for (const { relabel, config } of this.#relabeling.of(rawName)) {
      labels = relabel(labels);
      if (labels === undefined) return dropped('relabel_drop', relabelDropDetail(config));
    }
    if (!labels.has(ENV_LABEL)) return dropped('no_asserts_env', missingEnvDetail(scope, raw));
    // After the relabel configs: what they say of a series wins, and a guess can build on it.
    const scoped = applyIdentity(labels, scope.identity);
    const candidates = this.#mappings.candidates(scoped.metricName);
    const matching = candidates.filter(({ matchers }) => matchesAll(matchers, scoped));
    const kept = this.#keptRaw(scoped);
    if (matching.length === 0 && kept === undefined) {
      return dropped('no_rule_matched', noRuleDetail(scoped.metricName, candidates));
    }
    const outputs: ContextualizedOutput[] = matching.map(({ rule, mapLabels, mapValue }) => ({
      labels: mapLabels(scoped, rawName),
      map: mapValue,
      rule,
    }));
    return { kind: 'mapped', outputs: kept === undefined ? outputs : [...outputs, kept] };
  }
}

function answerOf({ raw, result }: RememberedSeries): Contextualized {
  if (result === undefined) throw new Error(`BUG: ${raw} was forgotten while it was looked for`);
  return result;
}

function dropped(reason: DropReason, detail: string): Contextualized {
  return { kind: 'dropped', reason, detail };
}

function relabelDropDetail({ action, origin, sourceLabels, regex }: PlannedRelabelConfig): string {
  return `${origin.file}:${origin.line}: action ${action} on ${sourceLabels.join(', ')} with regex ${JSON.stringify(regex)}`;
}

function noRuleDetail(name: string, candidates: readonly Mapping[]): string {
  if (candidates.length === 0) return `no rule reads ${name === '' ? 'series without a name' : name}`;
  const tried = candidates.slice(0, 3).map(({ rule }) => `${rule.expr} (${rule.origin.file}:${rule.origin.line})`);
  const more = candidates.length > tried.length ? ` and ${candidates.length - tried.length} more` : '';
  return `no selector matches its labels; tried ${tried.join(', ')}${more}`;
}
