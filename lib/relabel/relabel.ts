import { createHash } from 'node:crypto';
import type { Labels } from '../model/labels.ts';
import { compileAnchored, compileRegexp } from '../model/regexp.ts';
import { LabelBuilder } from './label-builder.ts';
import { lowerCase, upperCase } from './letter-case.ts';
import type { RelabelConfig } from './relabel-config.ts';
import { type Captures, capture, parseTemplate } from './template.ts';

/** Relabels one series; undefined when a config drops it. */
export type Relabeler = (labels: Labels) => Labels | undefined;

/**
 * Applies relabel configs in order, as Prometheus does; undefined when one of them drops the series. The configs are
 * compiled on first sight of their list and kept with it, so pass the same list again.
 *
 * @throws RegexpError when a regex is not valid RE2.
 */
export function relabel(labels: Labels, configs: readonly RelabelConfig[]): Labels | undefined {
  let relabeler = compiled.get(configs);
  if (relabeler === undefined) {
    relabeler = compileRelabelConfigs(configs);
    compiled.set(configs, relabeler);
  }
  return relabeler(labels);
}

/**
 * Compiles a list of relabel configs once, to be applied many times.
 *
 * @throws RegexpError when a regex is not valid RE2.
 */
export function compileRelabelConfigs(configs: readonly RelabelConfig[]): Relabeler {
  const steps = configs.map(compileStep);
  return (labels) => {
    const builder = new LabelBuilder(labels);
    return steps.every((step) => step(builder)) ? builder.labels() : undefined;
  };
}

const compiled = new WeakMap<readonly RelabelConfig[], Relabeler>();

/** Changes the labels; false drops the series. */
type Step = (builder: LabelBuilder) => boolean;

function compileStep(config: RelabelConfig): Step {
  switch (config.action) {
    case 'replace':
      return replaceStep(config);
    case 'keep':
    case 'drop':
      return filterStep(config);
    case 'keepequal':
      return (builder) => builder.get(config.targetLabel) === sourceValue(builder, config);
    case 'dropequal':
      return (builder) => builder.get(config.targetLabel) !== sourceValue(builder, config);
    case 'hashmod':
      return setStep(config, (value) => hashModulus(value, config.modulus));
    case 'lowercase':
      return setStep(config, lowerCase);
    case 'uppercase':
      return setStep(config, upperCase);
    case 'labelmap':
      return labelMapStep(config);
    case 'labeldrop':
    case 'labelkeep':
      return labelFilterStep(config);
  }
}

function sourceValue(builder: LabelBuilder, { sourceLabels, separator }: RelabelConfig): string {
  return sourceLabels.length === 1
    ? builder.get(sourceLabels[0] as string)
    : sourceLabels.map((name) => builder.get(name)).join(separator);
}

function replaceStep(config: RelabelConfig): Step {
  const captures = capturer(config, config.targetLabel, config.replacement);
  const target = parseTemplate(config.targetLabel);
  const replacement = parseTemplate(config.replacement);
  return (builder) => {
    const found = captures(sourceValue(builder, config));
    if (found === undefined) return true;
    const name = target.expand(found);
    if (name !== '' && !/\p{Surrogate}/u.test(name)) builder.set(name, replacement.expand(found));
    return true;
  };
}

function filterStep(config: RelabelConfig): Step {
  const matcher = compileRegexp(config.regex);
  const wanted = config.action === 'keep';
  return (builder) => matcher.matches(sourceValue(builder, config)) === wanted;
}

function setStep(config: RelabelConfig, change: (value: string) => string): Step {
  return (builder) => {
    builder.set(config.targetLabel, change(sourceValue(builder, config)));
    return true;
  };
}

/** Every label whose name matches is copied; what is copied was there before the step began. */
function labelMapStep(config: RelabelConfig): Step {
  const captures = capturer(config, config.replacement);
  const replacement = parseTemplate(config.replacement);
  return (builder) => {
    for (const [name, value] of builder.entries()) {
      const found = captures(name);
      if (found !== undefined) builder.set(replacement.expand(found), value);
    }
    return true;
  };
}

function labelFilterStep(config: RelabelConfig): Step {
  const matcher = compileRegexp(config.regex);
  const dropped = config.action === 'labeldrop';
  return (builder) => {
    for (const [name] of builder.entries()) if (matcher.matches(name) === dropped) builder.set(name, '');
    return true;
  };
}

/**
 * Most configs are about other series than the one at hand, so the cheap question (does it match?) comes first; groups are
 * captured only where it does and a template refers to one.
 */
function capturer(config: RelabelConfig, ...templates: readonly string[]): (value: string) => Captures | undefined {
  if (config.regex === '(.*)') return wholeValue;
  const matcher = compileRegexp(config.regex);
  if (!templates.some((template) => parseTemplate(template).hasReferences)) {
    return (value) => (matcher.matches(value) ? wholeValue(value) : undefined);
  }
  const regexp = compileAnchored(config.regex);
  return (value) => (matcher.matches(value) ? capture(regexp, value) : undefined);
}

function wholeValue(value: string): Captures {
  return { group: () => value, count: 1, named: {} };
}

/** The low 64 bits of the MD5 sum, big endian, modulo `modulus`: the same shard as Prometheus computes. */
function hashModulus(value: string, modulus: number): string {
  const low = createHash('md5').update(value).digest().readBigUInt64BE(8);
  return String(low % BigInt(modulus));
}
