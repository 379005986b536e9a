import { Labels, METRIC_NAME } from '../../lib/model/labels.ts';

/** Reads `name{label="value",…}` as people write it; escapes as in JSON. */
export function series(text: string): Labels {
  const [, name = '', body = ''] = /^([^{]*)(?:\{(.*)\})?$/s.exec(text) ?? [];
  const pairs = [...body.matchAll(/\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\]|\\.)*")\s*,?/gs)];
  const read = pairs.map((pair) => pair[0]).join('');
  if (read.length !== body.length) throw new Error(`cannot read series ${text}: labels look like name="value"`);
  const labels = pairs.map((pair) => ({ name: pair[1] as string, value: JSON.parse(pair[2] as string) as string }));
  return Labels.from([{ name: METRIC_NAME, value: name.trim() }, ...labels]);
}
