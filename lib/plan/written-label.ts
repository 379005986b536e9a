import type { RelabelConfig } from '../relabel/relabel-config.ts';
import { parseTemplate } from '../relabel/template.ts';

/**
 * The label that a config writes; `any` where its name is made of the data. Such a name is taken not to be the metric's:
 * a config that renames metrics says so with `target_label: __name__`.
 */
export function writtenLabel({ action, targetLabel, replacement }: RelabelConfig): string | undefined {
  switch (action) {
    case 'replace':
      return parseTemplate(targetLabel).hasReferences ? 'any' : targetLabel;
    case 'hashmod':
    case 'lowercase':
    case 'uppercase':
      return targetLabel;
    case 'labelmap':
      return parseTemplate(replacement).hasReferences ? 'any' : replacement;
    default:
      return undefined;
  }
}
