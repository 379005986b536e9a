import { ENV_LABEL, SITE_LABEL } from '../context/scope.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import { NAME_LABEL } from './mapping.ts';
import { writtenLabel } from './written-label.ts';

/**
 * The `drop` and `keep` configs that decide on raw labels alone, because neither the scope nor an earlier config touches
 * what they read. What they drop can be refused at the door already, and need not be sent at all.
 */
export function earlyDrops<C extends RelabelConfig>(relabelConfigs: readonly C[]): C[] {
  const touched = new Set<string>([ENV_LABEL, SITE_LABEL, NAME_LABEL]);
  const early: C[] = [];
  for (const config of relabelConfigs) {
    const reads = config.sourceLabels;
    if ((config.action === 'drop' || config.action === 'keep') && !reads.some((name) => touched.has(name)))
      early.push(config);
    // Names that the data decides, and removals by pattern: nothing after them is certain any more.
    if (['labeldrop', 'labelkeep'].includes(config.action)) return early;
    const written = writtenLabel(config);
    if (written === 'any') return early;
    if (written !== undefined) touched.add(written);
  }
  return early;
}
