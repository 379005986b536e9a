import { formatFloatGeneral } from '../../model/format-float.ts';
import { isLegacyLabelName, isLegacyMetricName, type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { JsonWriter } from '../json/json-writer.ts';
import { type Escaping, escapeName } from './escape-name.ts';
import type { FederatedSample } from './federated-sample.ts';

/**
 * Samples in text format 0.0.4, every family `untyped` and every sample with its own time. They must come grouped by
 * metric name, and each must have one. Native histograms, which text has no form for, are left out as Prometheus does.
 */
export function writeExposition(
  out: Pick<JsonWriter, 'write'>,
  samples: Iterable<FederatedSample>,
  escaping: Escaping,
) {
  let family = '';
  for (const { labels, timestamp, value } of samples) {
    if (typeof value !== 'number') continue;
    const name = labels.metricName;
    if (name !== family) out.write(`# TYPE ${quoteUnlessLegacy(escapeName(name, escaping))} untyped\n`);
    family = name;
    out.write(`${seriesText(labels, escaping)} ${expositionFloat(value)} ${timestamp}\n`);
  }
}

/**
 * `up{job="api",instance=""}`. A series without `instance` gets an empty one, last: else the scraper would write the
 * address it scraped into it.
 */
function seriesText(labels: Labels, escaping: Escaping): string {
  const name = escapeName(labels.metricName, escaping);
  const parts = [...labels]
    .filter((label) => label.name !== METRIC_NAME)
    .map(({ name, value }) => {
      const escaped = escapeName(name, escaping);
      return `${isLegacyLabelName(escaped) ? escaped : quote(escaped)}=${quote(value)}`;
    });
  if (!labels.has('instance')) parts.push('instance=""');
  return isLegacyMetricName(name) ? `${name}{${parts.join(',')}}` : `{${[quote(name), ...parts].join(',')}}`;
}

/** The exposition format does not tell a negative zero. */
function expositionFloat(value: number): string {
  return value === 0 ? '0' : formatFloatGeneral(value);
}

function quoteUnlessLegacy(name: string): string {
  return isLegacyMetricName(name) ? name : quote(name);
}

function quote(text: string): string {
  return `"${text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))}"`;
}
