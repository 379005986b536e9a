/**
 * Metric names in lists that fit into a selector (`{__name__=~"a|b"}`) of at most `maxLength` characters; a longer name has
 * a list of its own.
 */
export function nameChunks(names: readonly string[], maxLength: number): string[][] {
  const all: string[][] = [];
  let length = maxLength;
  for (const name of names) {
    length += name.length + 1;
    if (length > maxLength) {
      all.push([]);
      length = name.length;
    }
    all.at(-1)?.push(name);
  }
  return all;
}
