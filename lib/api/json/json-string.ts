/**
 * A JSON string as Prometheus writes label names and values: short escapes for `"`, `\`, newline, return and tab,
 * `\u00xx` for the other control characters, everything else as it is.
 */
export function labelString(text: string): string {
  return LABEL_UNSAFE.test(text) ? `"${text.replace(LABEL_UNSAFE_ALL, escapeCharacter)}"` : `"${text}"`;
}

/**
 * A JSON string as Prometheus writes all other text (error messages, names in lists, help): as above, and `<`, `>`, `&`,
 * U+2028 and U+2029 are escaped so that the text is inert inside HTML and script.
 */
export function jsonString(text: string): string {
  return TEXT_UNSAFE.test(text) ? `"${text.replace(TEXT_UNSAFE_ALL, escapeCharacter)}"` : `"${text}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape
const LABEL_UNSAFE = /[\u0000-\u001f"\\]/;
const LABEL_UNSAFE_ALL = new RegExp(LABEL_UNSAFE, 'g');
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape
const TEXT_UNSAFE = /[\u0000-\u001f"\\<>&\u2028\u2029]/;
const TEXT_UNSAFE_ALL = new RegExp(TEXT_UNSAFE, 'g');

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Backspace and form feed have no short escape here: Go writes `\u0008` and `\u000c`. */
function escapeCharacter(character: string): string {
  return SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
