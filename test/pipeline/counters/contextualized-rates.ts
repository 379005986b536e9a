import { DEFAULT_IDENTITY } from '../../../lib/context/identity.ts';
import { type Leadership, leaderAt } from '../../../lib/context/leadership.ts';
import { DEFAULT_HIGH_AVAILABILITY, DEFAULT_INTAKE_LIMITS, type Tenant } from '../../../lib/context/tenant.ts';
import { Matcher } from '../../../lib/model/matcher.ts';
import { isStaleNaN } from '../../../lib/model/stale-marker.ts';
import { Firewall } from '../../../lib/pipeline/cardinality/firewall.ts';
import { type ContextualizeDependencies, contextualizeMessages } from '../../../lib/pipeline/contextualize.ts';
import { Elections } from '../../../lib/pipeline/elections.ts';
import { preparePlan } from '../../../lib/pipeline/evaluate/prepared-plan.ts';
import { evaluateTenants } from '../../../lib/pipeline/evaluate.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import type { Storage } from '../../../lib/storage/interface.ts';
import type { Ledger } from '../../../lib/storage/ledger.ts';
import type { Registers } from '../../../lib/storage/registers.ts';
import type { RuleState } from '../../../lib/storage/rule-state.ts';
import { planOfPacks } from '../../packs/contextualize.ts';
import { type Delivery, WORKERS } from './hostile-delivery.ts';

const MINUTE = 60_000;
export const SOURCE = 'main';
export const PLAN = planOfPacks(['http', 'red']);

/** What a process opens when it begins; all of them work on the same data. */
export interface Stores {
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly registers: Registers;
  readonly ruleState: RuleState;
}

/** Values by `record{route} time`. */
export type Rates = ReadonlyMap<string, number>;

export function rateKey(record: string, route: string, time: number): string {
  return `${record}{${route}} ${time}`;
}

/** Workers and an evaluator over stores that outlive them. */
export class Deployment {
  readonly tenant: Tenant;
  readonly #open: () => Stores;
  readonly #now: number;
  readonly #workers: ContextualizeDependencies[] = [];

  constructor(name: string, now: number, open: () => Stores) {
    const scope = { env: { labels: [], default: 'prod' }, site: { labels: [] }, identity: DEFAULT_IDENTITY };
    this.tenant = {
      name,
      tokens: [],
      sources: [{ name: SOURCE, type: 'remote_write', tokens: [], scope, ha: DEFAULT_HIGH_AVAILABILITY }],
      limits: DEFAULT_INTAKE_LIMITS,
    };
    this.#open = open;
    this.#now = now;
    for (let i = 0; i < WORKERS; i++) this.#restart(i);
  }

  async process(deliveries: readonly Delivery[]): Promise<void> {
    for (const { batches, restart, crash } of deliveries) {
      if (restart !== undefined) this.#restart(restart);
      await Promise.all(
        batches.map(async (batch, i) => {
          const worker = this.#workers[i] as ContextualizeDependencies;
          const isLost = crash !== undefined && i === 0;
          const failures = await contextualizeMessages(batch, isLost ? crashing(worker, crash) : worker);
          if (failures.length !== (isLost ? batch.length : 0)) throw failures[0]?.error ?? new Error('no crash');
        }),
      );
      if (crash !== undefined) this.#restart(0);
    }
  }

  /** Everything due after `from` up to now, by a process of its own. */
  async evaluate(from: number): Promise<Rates> {
    const { storage, ruleState } = this.#open();
    const [outcome] = await evaluateTenants(
      {
        plan: preparePlan(PLAN, { interval: MINUTE }),
        tenants: [this.tenant],
        storage,
        ruleState,
        engine: new Engine(),
        settings: { interval: MINUTE, delay: 0, maxCatchUp: this.#now - from },
        externalUrl: '',
        now: () => this.#now,
      },
      Number.POSITIVE_INFINITY,
    );
    if (outcome?.error !== undefined) throw outcome.error;
    return await this.#rates(from);
  }

  /** Tells whose sample of a moment was taken; everybody's where there is no pair. */
  async leaders(): Promise<(replica: string, timestamp: number) => boolean> {
    const { failoverTimeout } = DEFAULT_HIGH_AVAILABILITY;
    const cluster = { tenant: this.tenant.name, source: SOURCE, cluster: 'eu' };
    const settings = { failoverTimeout, memory: Number.POSITIVE_INFINITY };
    const decided: Leadership = await new Elections(this.#open().registers).decide(cluster, [], settings);
    return (replica, timestamp) => replica === '' || leaderAt(decided, timestamp) === replica;
  }

  #restart(worker: number): void {
    const { storage, ledger, registers } = this.#open();
    this.#workers[worker] = {
      contextualizer: new Contextualizer(PLAN),
      tenants: [this.tenant],
      storage,
      ledger,
      elections: new Elections(registers),
      firewall: new Firewall({ registers, generationMs: 86_400_000, now: () => this.#now }),
    };
  }

  async #rates(from: number): Promise<Rates> {
    const rates = new Map<string, number>();
    const querier = this.#open().storage.querier(this.tenant.name);
    for (const record of new Set(
      PLAN.derived.flatMap(({ rules }) => rules.map((rule) => ('record' in rule ? rule.record : ''))),
    )) {
      const found = await querier.select({ mint: from, maxt: this.#now }, new Matcher('=', '__name__', record));
      for (const { labels, floats } of found) {
        const route = labels.get('asserts_request_context').replace('GET ', '');
        floats.timestamps.forEach((time, i) => {
          const value = floats.values[i] as number;
          if (!isStaleNaN(value)) rates.set(rateKey(record, route, time), value);
        });
      }
    }
    return rates;
  }
}

/** A worker that ends while it processes a batch: nothing, or everything but the account, is durable then. */
function crashing(worker: ContextualizeDependencies, when: Delivery['crash']): ContextualizeDependencies {
  const fail = () => Promise.reject(new Error(`ended ${when}`));
  if (when === 'after commit') return { ...worker, ledger: { record: fail } };
  const appender: ContextualizeDependencies['storage']['appender'] = (...of) => {
    const inner = worker.storage.appender(...of);
    return {
      append: (...sample) => inner.append(...sample),
      appendHistogram: (...histogram) => inner.appendHistogram(...histogram),
      appendMetadata: (...metadata) => inner.appendMetadata(...metadata),
      commit: fail,
    };
  };
  return { ...worker, storage: { appender } };
}
