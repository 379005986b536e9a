import { loadPacks, packNames } from '../../config/compile-runtime.ts';
import type { Config } from '../../config/config.ts';
import { compilePlan } from '../../plan/compile-plan.ts';
import { newSelection, type Selection } from '../../plan/selection.ts';
import { MistakesError } from '../../rules/mistake.ts';

/** A pack or a folder of the user's own, and which series it can use. */
export interface PackReader {
  readonly name: string;
  /** Whether the configuration names it. */
  readonly isUsed: boolean;
  readonly selects: Selection;
}

/**
 * Everything that the configuration names, and the packs that it does not.
 *
 * @throws MistakesError where what it names has mistakes.
 */
export function packReaders(config: Config): PackReader[] {
  const packs = packNames(config).flatMap((name) => {
    const isUsed = config.packs.includes(name);
    return readerOf(name, { ...config, packs: [name], rules: [] }, isUsed);
  });
  const own = config.rules.flatMap((path) => readerOf(path, { ...config, packs: [], rules: [path] }, true));
  return [...packs, ...own];
}

/** A pack that nobody uses and that cannot be used is nothing to propose. */
function readerOf(name: string, config: Config, isUsed: boolean): PackReader[] {
  try {
    return [{ name, isUsed, selects: newSelection(compilePlan({ packs: loadPacks(config) })) }];
  } catch (error) {
    if (error instanceof MistakesError && !isUsed) return [];
    throw error;
  }
}
