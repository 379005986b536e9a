import { compareStrings } from '../model/compare-strings.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { jsonString } from './json/json-string.ts';
import type { JsonWriter } from './json/json-writer.ts';

/**
 * `GET /api/v1/metadata`: type, unit and help of metric families, sorted by name. What the sources sent stands before
 * what the rules say of the metrics they record.
 */
export async function metadata({ params, querier }: Call, { plan }: ApiDependencies): Promise<Answer> {
  const limit = params.count('limit') ?? -1;
  const limitPerMetric = params.count('limit_per_metric') ?? 0;
  const metric = params.get('metric');
  const stored = await querier.metadata(metric === '' ? undefined : metric);
  const planned = plan.metadata.filter((entry) => metric === '' || entry.metricFamilyName === metric);
  const families = [...byFamily([...stored, ...planned])].sort(([a], [b]) => compareStrings(a, b));
  const shown = limit < 0 ? families : families.slice(0, limit);
  return { data: (out) => writeFamilies(out, shown, limitPerMetric) };
}

type Family = readonly [name: string, entries: readonly MetricMetadata[]];

/** Equal entries of a family once. */
function byFamily(entries: readonly MetricMetadata[]): Map<string, MetricMetadata[]> {
  const families = new Map<string, MetricMetadata[]>();
  for (const entry of entries) {
    const family = families.get(entry.metricFamilyName);
    if (family === undefined) families.set(entry.metricFamilyName, [entry]);
    else if (!family.some((known) => entryText(known) === entryText(entry))) family.push(entry);
  }
  return families;
}

function writeFamilies(out: JsonWriter, families: readonly Family[], limitPerMetric: number): void {
  let separator = '{';
  for (const [name, entries] of families) {
    const shown = limitPerMetric > 0 ? entries.slice(0, limitPerMetric) : entries;
    out.write(`${separator}${jsonString(name)}:[${shown.map(entryText).join(',')}]`);
    separator = ',';
  }
  out.write(families.length === 0 ? '{}' : '}');
}

function entryText({ type, unit, help }: MetricMetadata): string {
  return `{"type":"${type}","unit":${jsonString(unit)},"help":${jsonString(help)}}`;
}
