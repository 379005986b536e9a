import type { Labels } from '../../model/labels.ts';
import { labelString } from './json-string.ts';
import type { JsonWriter } from './json-writer.ts';

/** `{"__name__":"up","job":"api"}`, in the order of the labels. */
export function writeLabels(out: JsonWriter, labels: Labels): void {
  const { pairs } = labels;
  let text = '{';
  for (let i = 0; i < pairs.length; i += 2) {
    if (i > 0) text += ',';
    text += `${labelString(pairs[i] as string)}:${labelString(pairs[i + 1] as string)}`;
  }
  out.write(`${text}}`);
}
