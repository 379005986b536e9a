import { Engine } from '../../../lib/promql/engine.ts';
import type { QueryFeature } from '../../../lib/promql/query-options.ts';

/** Prometheus runs its own scripts with every feature on. */
const FEATURES: readonly QueryFeature[] = [
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'type-and-unit-labels',
  'use-start-timestamps',
];

/** An engine as the scripts expect it. `without` switches features off. */
export function scriptEngine(without: readonly QueryFeature[] = []): Engine {
  return new Engine({
    lookbackDelta: 5 * 60_000,
    timeout: 100_000,
    maxSamples: 1_000_000,
    defaultSubqueryStep: 60_000,
    features: new Set(FEATURES.filter((feature) => !without.includes(feature))),
    now: Date.now,
  });
}
