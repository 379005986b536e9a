import { expect, it } from 'vitest';
import { mayConcern } from '../../lib/plan/push-down-labels.ts';
import { plan } from './contextualize.ts';

it('relabel configs of packs say in a plain way which metrics they are about, so that all others are spared', () => {
  const strays = plan.relabelConfigs.filter((config) => mayConcern(config, 'metric_of_nobody'));
  expect(plan.relabelConfigs.length).toBeGreaterThan(300);
  expect(strays.map(({ origin, regex }) => `${origin.file}:${origin.line}: ${regex}`)).toEqual([]);
});
