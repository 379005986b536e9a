/** Lower case as Go's `strings.ToLower` has it, which maps runes one to one: a final `Σ` becomes a plain `σ`. */
export function lowerCase(text: string): string {
  // `İ` is the one rune whose lower case has two of them here and one in Go.
  return mapRunes(text, (rune) => (rune === 'İ' ? 'i' : rune.toLowerCase()));
}

/** Upper case as Go's `strings.ToUpper` has it: `ß` has no single upper-case rune and stays. */
export function upperCase(text: string): string {
  return mapRunes(text, (rune) => rune.toUpperCase());
}

function mapRunes(text: string, change: (rune: string) => string): string {
  return Array.from(text, (rune) => {
    const changed = change(rune);
    return [...changed].length === 1 ? changed : rune;
  }).join('');
}
