import type { ScopeConfig, Tenant } from '../context/tenant.ts';
import { Labels } from '../model/labels.ts';
import type { OwnMetric } from '../model/own-metric.ts';
import { Contextualizer } from '../plan/contextualizer.ts';
import type { Plan } from '../plan/plan.ts';
import { newSelection } from '../plan/selection.ts';
import type { Appendable, Appender } from '../storage/interface.ts';
import { dueTimes } from './evaluate/evaluate-slice.ts';

/** Where figures about a tenant come from. */
export interface OwnFigures {
  /** Names of its metrics: where the plan uses none of them, nobody asks for figures. */
  readonly names: readonly string[];
  /**
   * Figures of the minute that ended at `time` (ms). Asked again for the same minute they may only have grown: of two
   * values for one time the store keeps the larger one.
   */
  of(tenant: Tenant, time: number): Promise<readonly OwnMetric[]>;
}

export interface OwnSeriesDependencies {
  readonly plan: Plan;
  readonly tenants: readonly Tenant[];
  readonly storage: Appendable;
  readonly figures: readonly OwnFigures[];
}

const MINUTE_MS = 60_000;

/**
 * What Tributary tells each tenant about itself, as series of that tenant: one value a minute of what figures there are,
 * contextualized by the tenant's own plan. Only what some rule uses, such as those of the pack `tributary`.
 */
export class OwnSeries {
  readonly #dependencies: OwnSeriesDependencies;
  readonly #figures: readonly OwnFigures[];
  #contextualizer: Contextualizer | undefined;

  constructor(dependencies: OwnSeriesDependencies) {
    this.#dependencies = dependencies;
    const { usesName } = newSelection({ selection: dependencies.plan.selection });
    this.#figures = dependencies.figures.filter(({ names }) => names.some(usesName));
  }

  /**
   * Writes the figures of all minutes that end in (after, upTo], ms. It may be repeated: a minute has one value.
   * @throws what the figures and the store throw
   */
  async write(tenantName: string, after: number, upTo: number): Promise<void> {
    const { plan, tenants, storage } = this.#dependencies;
    const tenant = tenants.find(({ name }) => name === tenantName);
    if (this.#figures.length === 0 || tenant === undefined) return;
    this.#contextualizer ??= new Contextualizer(plan);
    const contextualizer = this.#contextualizer;
    const appender = storage.appender(tenant.name, 'derived');
    let samples = 0;
    for (const time of dueTimes({ after, upTo }, MINUTE_MS)) {
      const metrics = await Promise.all(this.#figures.map((figures) => figures.of(tenant, time)));
      samples += appendOwnMetrics(tenant, time, metrics.flat(), { appender, contextualizer });
    }
    if (samples > 0) await appender.commit();
  }
}

/**
 * Contextualizes figures of one time (ms) as samples of the tenant. `job` is `tributary`; the scope is that of the source
 * which a metric is about, else of the first one.
 *
 * @param appender of the tenant, and of the class in which they are to live: that of derived series.
 * @returns how many samples came of them; none of what no rule uses.
 */
export function appendOwnMetrics(
  tenant: Tenant,
  time: number,
  metrics: readonly OwnMetric[],
  { appender, contextualizer }: { readonly appender: Appender; readonly contextualizer: Contextualizer },
): number {
  let samples = 0;
  for (const { name, help, type, labels, value } of metrics) {
    const raw = Labels.from({ ...labels, __name__: name, job: 'tributary' });
    const result = contextualizer.preview(raw, scopeOf(tenant, labels['source']));
    if (result.kind === 'dropped') continue;
    appender.appendMetadata({ metricFamilyName: name, type, help, unit: '' });
    for (const output of result.outputs) {
      appender.append(output.labels, { timestamp: time, value: output.map(value) });
    }
    samples += result.outputs.length;
  }
  return samples;
}

/** Environments that come from labels of raw series say nothing about us. */
const OWN_ENVIRONMENT = 'tributary';

function scopeOf({ sources }: Tenant, sourceName: string | undefined): ScopeConfig {
  const { env, site } = (sources.find(({ name }) => name === sourceName) ?? sources[0])?.scope ?? {};
  return {
    env: { labels: ['asserts_env'], default: env?.default ?? OWN_ENVIRONMENT },
    site: { labels: ['asserts_site'], ...(site?.default !== undefined && { default: site.default }) },
  };
}
