/**
 * Undoes the `values` escaping of UTF-8 names: `U__utf8_2e_name` is `utf8.name`, `__` stands for an underscore. A text
 * that is not such a name is returned as it is.
 */
export function unescapeName(name: string): string {
  if (!name.startsWith(PREFIX)) return name;
  const body = name.slice(PREFIX.length);
  if (!ESCAPED.test(body)) return name;
  const decoded = body.replace(/_([0-9a-fA-F]*)_/g, (_, hex: string) => (hex === '' ? '_' : codePoint(hex)));
  return decoded.includes(INVALID) ? name : decoded;
}

const PREFIX = 'U__';

/** Plain characters, doubled underscores, and code points in at most six hexadecimal digits between underscores. */
const ESCAPED = /^(?:[^_]|__|_[0-9a-fA-F]{1,6}_)*$/;

/** Stands for a code point that does not exist; it cannot come from a URL. */
const INVALID = '\ud800';

function codePoint(hex: string): string {
  const value = Number.parseInt(hex, 16);
  return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? INVALID : String.fromCodePoint(value);
}
