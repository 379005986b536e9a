import { isLegacyMetricName } from '../../model/labels.ts';

/** How names outside the legacy alphabet are written for a scraper that asks for it (`escaping=` in Accept). */
export const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type Escaping = (typeof ESCAPINGS)[number];

/**
 * A metric or label name in an escaping scheme, unquoted. Legacy names pass unchanged in all of them. `underscores`
 * loses what it replaces; `dots` and `values` can be undone.
 */
export function escapeName(name: string, escaping: Escaping): string {
  if (escaping === 'allow-utf-8' || isLegacyMetricName(name)) return name;
  const spell = SPELLINGS[escaping];
  const escaped = [...name].map((character, i) => spell(character, isLegacyAt(character, i))).join('');
  return escaping === 'values' ? `U__${escaped}` : escaped;
}

const SPELLINGS: Readonly<Record<Exclude<Escaping, 'allow-utf-8'>, (character: string, legacy: boolean) => string>> = {
  underscores: (character, legacy) => (legacy ? character : '_'),
  dots: (character, legacy) => {
    if (character === '.') return '_dot_';
    return legacy && character !== '_' ? character : '__';
  },
  values: (character, legacy) => {
    if (character === '_') return '__';
    return legacy ? character : `_${(character.codePointAt(0) as number).toString(16)}_`;
  },
};

/** Digits are legacy characters anywhere but at the beginning. */
function isLegacyAt(character: string, position: number): boolean {
  return /^[a-zA-Z_:]$/.test(character) || (position > 0 && /^[0-9]$/.test(character));
}
