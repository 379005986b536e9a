import { stringify } from 'yaml';
import type { MetricFamily } from '../../plan/unmapped/metric-family.ts';
import { SUGGESTION_GROUPS, type Suggestion, type WrittenSignal } from '../../plan/unmapped/suggest-signals.ts';
import type { Coverage, PackCoverage } from './coverage.ts';

/** Coverage for people: who reads what, and what nobody reads with a signal for each where one can be guessed. */
export function describeCoverage({ read, available, suggestions }: Coverage): string {
  const lines = ['READ BY PACKS IN USE', ...packRows(read)];
  if (available.length > 0) {
    lines.push('', 'WOULD BE READ BY OTHER PACKS (name them under packs in tributary.yml)', ...packRows(available));
  }
  for (const group of SUGGESTION_GROUPS) {
    const found = suggestions.filter((suggestion) => suggestion.group === group);
    if (found.length === 0) continue;
    lines.push('', `READ BY NO PACK: ${group}`, ...found.flatMap(({ families }) => families.map(familyRow)));
  }
  const text = `${lines.join('\n')}\n`;
  return suggestions.some(({ signals }) => signals.length > 0) ? `${text}\n${signalsFile(suggestions)}` : text;
}

/** A signals file of all guesses. */
export function signalsFile(suggestions: readonly Suggestion[]): string {
  const guessed = suggestions.filter(({ signals }) => signals.length > 0);
  const head =
    '# Guesses by name, type and labels: keep what is right, correct the rest, and name the folder under rules.\n';
  if (guessed.length === 0) return `${head}signals: []\n`;
  const blocks = guessed.map(({ families, signals }) => {
    const told = families.map((family) => `  # ${describeFamily(family)}\n`).join('');
    return told + signals.map(signalText).join('');
  });
  return `${head}signals:\n${blocks.join('')}`;
}

function signalText(signal: WrittenSignal): string {
  const text = stringify([signal], { lineWidth: 0, collectionStyle: 'any', flowCollectionPadding: false });
  return text.replaceAll(/^(?=.)/gm, '  ');
}

const SHOWN = 5;

function packRows(packs: readonly PackCoverage[]): string[] {
  if (packs.length === 0) return ['  none'];
  const width = Math.max(...packs.map(({ pack }) => pack.length));
  return packs.map(({ pack, families }) => {
    const names = families.slice(0, SHOWN).map(({ name }) => name);
    const more = families.length > SHOWN ? ` and ${families.length - SHOWN} more` : '';
    return `  ${pack.padEnd(width)}  ${names.join(', ')}${more}`;
  });
}

function familyRow(family: MetricFamily): string {
  return `  ${describeFamily(family)}`;
}

/** `x_total (counter by method, path): Requests.` */
function describeFamily({ name, type, labels, help }: MetricFamily): string {
  const by = [...labels.keys()].filter((label) => !['job', 'instance'].includes(label));
  const kind = `${type}${by.length === 0 ? '' : ` by ${by.join(', ')}`}`;
  return `${name} (${kind})${help === '' ? '' : `: ${help.replaceAll(/\s+/g, ' ').trim()}`}`;
}
