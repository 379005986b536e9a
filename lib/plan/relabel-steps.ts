import { compileRelabelConfigs, type Relabeler } from '../relabel/relabel.ts';
import type { PlannedRelabelConfig } from './plan.ts';
import { mayConcern } from './push-down-labels.ts';
import { writesMetricName } from './selection-terms.ts';

/** A relabel config made ready to run. */
export interface RelabelStep {
  readonly config: PlannedRelabelConfig;
  readonly relabel: Relabeler;
}

/**
 * The relabel configs of a plan by metric name. Packs have hundreds, each for a few metrics, so a series meets only those
 * that can do anything to it, and what no metric meets is never compiled.
 */
export class RelabelSteps {
  readonly #configs: readonly PlannedRelabelConfig[];
  readonly #isByName: boolean;
  readonly #compiled = new Map<PlannedRelabelConfig, RelabelStep>();
  readonly #byName = new Map<string, readonly RelabelStep[]>();

  constructor(configs: readonly PlannedRelabelConfig[]) {
    this.#configs = configs;
    // Once a config renames metrics, the name at the beginning says nothing of what the later ones see.
    this.#isByName = !writesMetricName(configs);
  }

  /**
   * The steps for series of a metric, in their order.
   *
   * @throws RegexpError when a regex is not valid RE2.
   */
  of(metric: string): readonly RelabelStep[] {
    const name = this.#isByName ? metric : '';
    let steps = this.#byName.get(name);
    if (steps === undefined) {
      if (this.#byName.size >= MAX_NAMES) this.#byName.clear();
      steps = this.#configs.filter((config) => !this.#isByName || mayConcern(config, name)).map(this.#step);
      this.#byName.set(name, steps);
    }
    return steps;
  }

  readonly #step = (config: PlannedRelabelConfig): RelabelStep => {
    let step = this.#compiled.get(config);
    if (step === undefined) {
      step = { config, relabel: compileRelabelConfigs([config]) };
      this.#compiled.set(config, step);
    }
    return step;
  };
}

/** Names that are remembered; a plan that selects by name has fewer. */
const MAX_NAMES = 20_000;
