/**
 * Undoes the `values` escaping of UTF-8 names: `U__utf8_2e_name` is `utf8.name`, `__` stands for an underscore. A text
 * that is not such a name is returned as it is.
 */
export function unescapeName(name: string): string {
  if (!name.startsWith(PREFIX)) return name;
  const body = name.slice(PREFIX.length);
  if (!ESCAPED.test(body)) return name;
  const codePoints = [...body.matchAll(CODE_POINT)].map(([, hex = '']) => Number.parseInt(hex, 16));
  if (!codePoints.every(isCharacter)) return name;
  return body.replace(/_([0-9a-fA-F]*)_/g, (_, hex: string) =>
    hex === '' ? '_' : String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

const PREFIX = 'U__';

/** Plain characters, doubled underscores, and code points in at most six hexadecimal digits between underscores. */
const ESCAPED = /^(?:[^_]|__|_[0-9a-fA-F]{1,6}_)*$/;
const CODE_POINT = /_([0-9a-fA-F]+)_|__/g;

/** No surrogate, and within Unicode. NaN is a doubled underscore. */
function isCharacter(codePoint: number): boolean {
  return !(codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff));
}
