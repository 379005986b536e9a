import { preparePlan } from '../../../lib/pipeline/evaluate/prepared-plan.ts';
import { type AwaitingPlan, type EvaluateDependencies, evaluateTenants } from '../../../lib/pipeline/evaluate.ts';
import { compilePlan } from '../../../lib/plan/compile-plan.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { parseRuleFile } from '../../../lib/rules/parse-rule-file.ts';
import type { RetentionClass, Storage } from '../../../lib/storage/interface.ts';
import { MemoryRuleState } from '../../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import type { ActiveAlert, RuleState } from '../../../lib/storage/rule-state.ts';
import { series } from '../../model/series.ts';

export const TENANT = 'acme';
const MINUTE = 60_000;

/** A plan of rule files only, given as text; their metrics are no raw ones of a source. */
export function planOfRules(...texts: string[]): Plan {
  const ruleFiles = texts.map((text, i) => parseRuleFile(`rules${i}.yml`, text));
  return compilePlan({ packs: [{ name: 'test', description: '', strict: false, ruleFiles, relabelFiles: [] }] });
}

interface Changes {
  readonly plan?: Plan;
  readonly maxCatchUp?: number;
  readonly deadline?: number;
  readonly awaits?: NonNullable<AwaitingPlan['awaits']>;
  readonly ownSeries?: NonNullable<EvaluateDependencies['ownSeries']>;
}

interface BenchOptions {
  readonly storage?: Storage;
  readonly ruleState?: RuleState;
  readonly interval?: number;
  /** Of plan and engine, ms. */
  readonly lookbackDelta?: number;
}

/** An evaluator over stores in memory, whose clock stands where it is put. */
export class RuleBench {
  readonly storage: Storage;
  readonly ruleState: RuleState;
  readonly #plan: Plan;
  readonly #interval: number;
  readonly #lookback: { readonly lookbackDelta?: number };
  #now = 0;

  constructor(plan: Plan, options: BenchOptions = {}) {
    this.#plan = plan;
    this.storage = options.storage ?? new MemoryStorage();
    this.ruleState = options.ruleState ?? new MemoryRuleState();
    this.#interval = options.interval ?? MINUTE;
    this.#lookback = options.lookbackDelta === undefined ? {} : { lookbackDelta: options.lookbackDelta };
  }

  /** Everything due up to `time` (ms, inclusive), from 0 on. */
  async evaluateTo(time: number, changes: Changes = {}) {
    this.#now = time;
    const interval = this.#interval;
    const plan = preparePlan(changes.plan ?? this.#plan, { interval, ...this.#lookback });
    const { awaits, ownSeries } = changes;
    const dependencies = {
      plan,
      ...(ownSeries !== undefined && { ownSeries }),
      ...(awaits !== undefined && { plans: new Map([[TENANT, { ...plan, awaits }]]) }),
      tenants: [{ name: TENANT }],
      storage: this.storage,
      ruleState: this.ruleState,
      engine: new Engine(this.#lookback),
      settings: { interval, delay: 0, maxCatchUp: changes.maxCatchUp ?? time + 1 },
      externalUrl: '',
      now: () => this.#now,
    };
    const [outcome] = await evaluateTenants(dependencies, changes.deadline ?? time + 1_000_000);
    if (outcome?.error !== undefined) throw outcome.error;
    return outcome;
  }

  async alerts(): Promise<readonly ActiveAlert[]> {
    const { state } = (await this.ruleState.read(TENANT)) ?? {};
    return Object.values(state?.groups ?? {}).flatMap(({ rules }) =>
      Object.values(rules).flatMap((rule) => rule.alerts),
    );
  }

  /** `series = value` lines of an instant query, sorted. */
  async ask(expr: string, time: number): Promise<string[]> {
    const { data } = await new Engine(this.#lookback).instantQuery(this.storage.querier(TENANT), expr, time);
    if (data.kind !== 'vector') throw new Error(`${expr} is a ${data.kind}`);
    return data.samples.map(({ labels, value }) => `${labels} = ${value}`).sort();
  }
}

/** Samples of series, `from` and then every `step` ms; undefined leaves one out. */
export async function load(
  storage: Storage,
  samples: Readonly<Record<string, readonly (number | undefined)[]>>,
  { from = 0, step = MINUTE, retentionClass = 'normalised' as RetentionClass } = {},
): Promise<void> {
  const appender = storage.appender(TENANT, retentionClass);
  for (const [text, values] of Object.entries(samples)) {
    const labels = series(text);
    values.forEach((value, i) => {
      if (value !== undefined) appender.append(labels, { timestamp: from + i * step, value });
    });
  }
  await appender.commit();
}
