import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScript } from '../promql/script/parse-script.ts';
import { contextualizer, SCOPE } from './contextualize.ts';

const folder = new URL('./golden/', import.meta.url).pathname;
const files = readdirSync(folder).filter((file) => file.endsWith('.test'));

/** Records of which a raw series may become one at most, over all packs: what is counted twice is wrong everywhere. */
const ONCE = [
  /^asserts:request:/,
  /^asserts:(client:)?error:/,
  /^asserts:latency:total$/,
  /^asserts:latency:count$/,
  /^asserts:latency:bucket$/,
  /^asserts:latency:(average|p95|p99)$/,
];

describe('all packs together count once', () => {
  it.each(files)('what %s loads', (file) => {
    const { commands } = parseScript(file, readFileSync(folder + file, 'utf8'), new Set(['contextualize']));
    const raw = commands.flatMap((command) =>
      command.kind === 'load' ? command.series.map(({ labels }) => labels) : [],
    );
    const twice = raw.flatMap((labels) => {
      const made = contextualizer.contextualize(labels, SCOPE, file);
      if (made.kind === 'dropped') return [];
      const records = made.outputs.map((output) => output.labels.metricName);
      return ONCE.filter((record) => records.filter((name) => record.test(name)).length > 1).map(
        (record) => `${labels}: ${record.source}`,
      );
    });
    expect(raw.length).toBeGreaterThan(0);
    expect(twice).toEqual([]);
  });
});
