import { z } from 'zod';
import { DEFAULT_IDENTITY, type IdentityConfig, type IdentityLabel } from '../context/identity.ts';
import { closedMap } from '../rules/shapes.ts';
import { labelName } from './name-shape.ts';

const fallbacks = (label: IdentityLabel) =>
  z
    .array(labelName, 'must be a list of label names, best first')
    .describe(
      `Labels that give ${label} where a series has none, best first. Default ${DEFAULT_IDENTITY[label].join(', ')}.`,
    )
    .optional();

/** Which labels say what a source's series are about. */
export const identityShape = closedMap({
  namespace: fallbacks('namespace'),
  pod: fallbacks('pod'),
  container: fallbacks('container'),
  node: fallbacks('node'),
  service: fallbacks('service'),
  workload: fallbacks('workload'),
  workload_from_pod: z
    .boolean('must be true or false')
    .describe('Whether a workload that no label tells is guessed from the name of the pod. Default true.')
    .optional(),
})
  .describe('Where the labels that say what a series is about come from. They are only added, never changed.')
  .optional();

/** Fills in the defaults. */
export function asIdentity(written: z.infer<typeof identityShape> = {}): IdentityConfig {
  const ranked = (label: IdentityLabel): readonly string[] => [...(written[label] ?? DEFAULT_IDENTITY[label])];
  return {
    namespace: ranked('namespace'),
    pod: ranked('pod'),
    container: ranked('container'),
    node: ranked('node'),
    service: ranked('service'),
    workload: ranked('workload'),
    workloadFromPod: written.workload_from_pod ?? DEFAULT_IDENTITY.workloadFromPod,
  };
}
