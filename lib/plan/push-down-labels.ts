import { compileAnchored } from '../model/regexp.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import { writtenLabel } from './written-label.ts';

/** The relabel configs that decide on a few labels of series of one metric, and the labels that they look at. */
export interface LabelNeeds<C extends RelabelConfig> {
  readonly configs: readonly C[];
  readonly labels: ReadonlySet<string>;
}

/**
 * Which raw labels have to be known, so that the `wanted` ones come out of relabelling as they should, and the series
 * are dropped that should be; undefined where only the whole series tells (`labelmap` copies labels of any name).
 */
export function labelNeeds<C extends RelabelConfig>(
  relabelConfigs: readonly C[],
  metric: string,
  wanted: Iterable<string>,
): LabelNeeds<C> | undefined {
  const labels = new Set(wanted);
  const configs: C[] = [];
  for (const config of relabelConfigs.toReversed()) {
    if (!mayConcern(config, metric)) continue;
    if (config.action === 'labelmap') return undefined;
    const written = writtenLabel(config);
    if (written !== undefined && written !== 'any' && !labels.has(written)) continue;
    configs.unshift(config);
    for (const name of config.sourceLabels) labels.add(name);
    if (config.action === 'keepequal' || config.action === 'dropequal') labels.add(config.targetLabel);
  }
  return { configs, labels };
}

/**
 * Whether a config can do anything to series of a metric. Configs of packs begin with `__name__` and a regex for it; what
 * is not written in that plain way is taken to concern every metric, and so is what acts on series that do not match.
 */
export function mayConcern({ action, sourceLabels, separator, regex }: RelabelConfig, metric: string): boolean {
  if (action !== 'replace' && action !== 'drop') return true;
  if (sourceLabels[0] !== '__name__' || separator !== ';' || sourceLabels.length === 1) return true;
  const ofName = nameRegex(regex);
  return ofName === undefined || compiledOnce(ofName).matches(metric);
}

const compiled = new Map<string, ReturnType<typeof compileAnchored>>();

/** The same few regexes are asked about every metric. */
function compiledOnce(regex: string): ReturnType<typeof compileAnchored> {
  let known = compiled.get(regex);
  if (known === undefined) {
    known = compileAnchored(regex);
    compiled.set(regex, known);
  }
  return known;
}

/** The part of a regex before its first `;`, where that part cannot match a `;` itself and no alternation spans both. */
function nameRegex(regex: string): string | undefined {
  let depth = 0;
  for (let i = 0; i < regex.length; i++) {
    const character = regex[i] as string;
    if (regex.startsWith('[^;]', i)) {
      i += 3;
      continue;
    }
    if (character === ';' && depth === 0) return hasTopLevelBar(regex) ? undefined : regex.slice(0, i);
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (!/[\w:?|*+{},]/.test(character)) return undefined;
  }
  return undefined;
}

/** Counted roughly: a bar within brackets or behind a backslash only makes the answer more careful. */
function hasTopLevelBar(regex: string): boolean {
  let depth = 0;
  for (const character of regex) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '|' && depth <= 0) return true;
  }
  return false;
}
