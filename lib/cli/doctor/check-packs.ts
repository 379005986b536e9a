import { loadPacks, packNames } from '../../config/compile-runtime.ts';
import type { Config } from '../../config/config.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import { compilePlan } from '../../plan/compile-plan.ts';
import { newSelection } from '../../plan/selection.ts';
import { MistakesError } from '../../rules/mistake.ts';
import type { Finding } from './finding.ts';

/** What a pack looks for. */
export interface PackNeeds {
  readonly name: string;
  readonly isUsed: boolean;
  /** How many metrics it names; patterns count as one. */
  readonly count: number;
  readonly usesName: (name: string) => boolean;
}

/** Needs of every pack there is, and of the user's own rules. Packs that only read what others make have none. */
export function packNeeds(config: Config): PackNeeds[] {
  const { packs, rules } = config;
  const own = rules.map((path) => needsOf(path, { ...config, packs: [], rules: [path] }, true));
  const ours = packNames(config).flatMap((name) => {
    const alone = { ...config, packs: [name], rules: [] };
    return packs.includes(name) ? [needsOf(name, alone, true)] : unusedNeeds(name, alone);
  });
  return [...ours, ...own].filter(({ count }) => count > 0);
}

/** A pack that nobody uses and that cannot be used is nothing to propose. */
function unusedNeeds(name: string, config: Config): PackNeeds[] {
  try {
    return [needsOf(name, config, false)];
  } catch (error) {
    if (error instanceof MistakesError) return [];
    throw error;
  }
}

function needsOf(name: string, config: Config, isUsed: boolean): PackNeeds {
  const plan = compilePlan({ packs: loadPacks(config) });
  const wanted = plan.selection.flatMap(({ matchers }) =>
    matchers.flatMap((matcher) =>
      matcher.name === METRIC_NAME
        ? (new Matcher(matcher.type, matcher.name, matcher.value).setMatches ?? [matcher.value])
        : [],
    ),
  );
  return { name, isUsed, count: new Set(wanted).size, usesName: newSelection(plan).usesName };
}

const SHOWN = 4;

/** Every Prometheus has these, whatever it scrapes: they say nothing of a pack that is not in use. */
const EVERYWHERE = new Set(['up']);

/** Which packs find something on a server that has these metrics, and which would. */
export function checkPacks(needs: readonly PackNeeds[], names: readonly string[]): Finding[] {
  const found = needs.map((pack) => ({ ...pack, present: names.filter(pack.usesName) }));
  const findings = found.flatMap(({ name, isUsed, count, present }): Finding[] => {
    if (present.length === 0) return [];
    const shown = present.slice(0, SHOWN).join(', ') + (present.length > SHOWN ? ' …' : '');
    const message = `${name} ${isUsed ? 'finds' : 'would find'} ${present.length} of its ${count} metrics: ${shown}`;
    if (isUsed) return [{ check: 'packs', verdict: 'ok', message }];
    if (present.every((metric) => EVERYWHERE.has(metric))) return [];
    return [{ check: 'packs', verdict: 'note', message, remedy: `add ${name} to packs in tributary.yml` }];
  });
  const idle = found.filter(({ isUsed, present }) => isUsed && present.length === 0).map(({ name }) => name);
  if (idle.length === 0) return findings;
  return [...findings, { check: 'packs', verdict: 'note', message: `nothing here for ${idle.join(', ')}` }];
}
