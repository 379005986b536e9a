import { jsonString } from './json-string.ts';
import type { JsonWriter } from './json-writer.ts';

/** A JSON array whose items write themselves; `[]` when there are none. */
export function writeList<T>(out: JsonWriter, items: readonly T[], writeItem: (item: T) => void): void {
  out.write('[');
  for (const [i, item] of items.entries()) {
    if (i > 0) out.write(',');
    writeItem(item);
  }
  out.write(']');
}

export function writeStrings(out: JsonWriter, strings: readonly string[]): void {
  writeList(out, strings, (text) => out.write(jsonString(text)));
}
