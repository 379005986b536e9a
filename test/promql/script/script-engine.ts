import { Engine } from '../../../lib/promql/engine.ts';
import type { QueryFeature } from '../../../lib/promql/query-options.ts';
import type { Script, SeriesLine } from './script.ts';

/** Prometheus runs its own scripts with these features on. */
const FEATURES: readonly QueryFeature[] = [
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'use-start-timestamps',
];

/**
 * An engine as a script expects it: everything on, but type and unit labels only where a script loads such labels,
 * because they also change how counters are recognised.
 */
export function engineFor(script: Script): Engine {
  const typed = script.commands.some((command) => command.kind === 'load' && command.series.some(hasTypeOrUnit));
  return scriptEngine(typed ? [...FEATURES, 'type-and-unit-labels'] : FEATURES);
}

/** An engine with the bounds of Prometheus's script runs. */
export function scriptEngine(features: readonly QueryFeature[] = FEATURES): Engine {
  return new Engine({
    lookbackDelta: 5 * 60_000,
    timeout: 100_000,
    maxSamples: 1_000_000,
    defaultSubqueryStep: 60_000,
    features: new Set(features),
    now: Date.now,
  });
}

function hasTypeOrUnit({ labels }: SeriesLine): boolean {
  return labels.has('__type__') || labels.has('__unit__');
}
