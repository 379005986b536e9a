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
  for (const config of concernedConfigs(relabelConfigs, metric).toReversed()) {
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
 * The configs that can do anything to series of a metric. Configs of packs begin with `__name__` and a regex for it; what
 * is not written in that plain way is taken to concern every metric, and so is what acts on series that do not match.
 */
export function concernedConfigs<C extends RelabelConfig>(relabelConfigs: readonly C[], metric: string): readonly C[] {
  let byMetric = known.get(relabelConfigs);
  if (byMetric === undefined) {
    byMetric = new Map();
    known.set(relabelConfigs, byMetric);
  }
  let configs = byMetric.get(metric);
  if (configs === undefined) {
    const judged = new Map<string, boolean>();
    configs = relabelConfigs.filter((config) => mayConcern(config, metric, judged));
    byMetric.set(metric, configs);
  }
  return configs as readonly C[];
}

/** By the configs of a plan and by metric: a plan has many rules and configs, and few metrics. */
const known = new WeakMap<readonly RelabelConfig[], Map<string, readonly RelabelConfig[]>>();

/**
 * Whether a config can do anything to series of a metric.
 * @param judged what is known of the metric by regex; packs write the same one many times.
 */
export function mayConcern(config: RelabelConfig, metric: string, judged = new Map<string, boolean>()): boolean {
  const regex = nameRegexOf(config);
  if (regex === undefined) return true;
  let verdict = judged.get(regex);
  if (verdict === undefined) {
    verdict = compiledOnce(regex).matches(metric);
    judged.set(regex, verdict);
  }
  return verdict;
}

const compiled = new Map<string, ReturnType<typeof compileAnchored>>();

/** Regexes are dear to compile. */
function compiledOnce(regex: string): ReturnType<typeof compileAnchored> {
  let program = compiled.get(regex);
  if (program === undefined) {
    program = compileAnchored(regex);
    compiled.set(regex, program);
  }
  return program;
}

/** What the metric's name has to match for a config to do anything; undefined where that cannot be told. */
function nameRegexOf(config: RelabelConfig): string | undefined {
  const found = nameRegexes.get(config);
  if (found !== undefined) return found.regex;
  const { action, sourceLabels, separator } = config;
  const isPlain = (action === 'replace' || action === 'drop') && sourceLabels[0] === '__name__' && separator === ';';
  const ofName = sourceLabels.length > 1 ? nameRegex(config.regex) : config.regex;
  const regex = isPlain ? ofName : undefined;
  nameRegexes.set(config, { regex });
  return regex;
}

const nameRegexes = new WeakMap<RelabelConfig, { readonly regex: string | undefined }>();

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
