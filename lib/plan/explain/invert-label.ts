import type { RelabelConfig } from '../../relabel/relabel-config.ts';
import { parseTemplate } from '../../relabel/template.ts';
import type { MappingStep } from '../plan.ts';

/** A step that writes a label from itself, so that its former value is gone. */
interface Rewrite {
  readonly regex: string;
  readonly replacement: string;
}

/**
 * Values that a label may have had before steps rewrote it in place: for constants every text that the regex lists, for
 * `prefix$1suffix` the text that the regex spells around its one group. Guesses, to be tried forward; nothing where a
 * regex is more than that.
 */
export function formerValues(
  label: string,
  value: string,
  relabelConfigs: readonly RelabelConfig[],
  steps: readonly MappingStep[],
): string[] {
  const guesses = label === 'le' ? formerBounds(value, steps) : [];
  for (const config of relabelConfigs) {
    if (config.targetLabel !== label || !config.sourceLabels.includes(label)) continue;
    if (config.action === 'lowercase' || config.action === 'uppercase') {
      guesses.push(value.toLowerCase(), value.toUpperCase());
    } else if (config.action === 'replace' && config.sourceLabels.length === 1) {
      guesses.push(...ofRewrite(config, value));
    }
  }
  for (const step of steps) {
    if (step.kind !== 'label_replace' || step.targetLabel !== label || step.sourceLabel !== label) continue;
    guesses.push(...ofRewrite(step, value));
  }
  return [...new Set(guesses)].slice(0, MAX_GUESSES);
}

/** Bounds of buckets are converted digit by digit, as `label_replace` can; other units than seconds are all powers of ten. */
function formerBounds(value: string, steps: readonly MappingStep[]): string[] {
  const bound = Number(value);
  if (!Number.isFinite(bound) || !steps.some((step) => step.kind === 'label_replace' && step.targetLabel === 'le')) {
    return [];
  }
  return [1e3, 1e6, 1e9].flatMap((unit) => {
    const text = String(Number((bound * unit).toPrecision(15)));
    return [text, `${text}.0`];
  });
}

const MAX_GUESSES = 32;

function ofRewrite({ regex, replacement }: Rewrite, value: string): string[] {
  if (!parseTemplate(replacement).hasReferences) return replacement === value ? alternatives(regex) : [];
  const around = /^([^$]*)\$(?:1|\{1\})([^$]*)$/.exec(replacement);
  const written = /^([^()]*)\((?!\?)[^()]*\)([^()]*)$/.exec(regex);
  if (around === null || written === null) return [];
  const [, before = '', after = ''] = around;
  const [prefix, suffix] = [plainText(written[1] ?? ''), plainText(written[2] ?? '')];
  const fits = value.startsWith(before) && value.endsWith(after) && value.length >= before.length + after.length;
  if (!fits || prefix === undefined || suffix === undefined) return [];
  return [`${prefix}${value.slice(before.length, value.length - after.length)}${suffix}`];
}

/** `a|b\.0` lists two texts; anything with operators lists none. */
function alternatives(regex: string): string[] {
  const inner = /^\((?:\?:)?([^()]*)\)$/.exec(regex)?.[1] ?? regex;
  return inner.split('|').flatMap((part) => plainText(part) ?? []);
}

/** The text that a regex without operators stands for. */
function plainText(regex: string): string | undefined {
  if (/(?<!\\)(?:\\\\)*[.*+?()[\]{}^$|]/.test(regex) || /\\[a-zA-Z0-9]/.test(regex)) return undefined;
  return regex.replace(/\\(.)/g, '$1');
}
