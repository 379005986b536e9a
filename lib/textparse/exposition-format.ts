import { parse } from 'content-type';
import { UnknownFormatError } from './errors.ts';

/** How names outside the legacy alphabet are spelled, as the content type's `escaping` parameter says. */
export const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type Escaping = (typeof ESCAPINGS)[number];

/** The language of a page. `escaping` is undefined where the sender does not say. */
export interface ExpositionFormat {
  readonly syntax: ExpositionSyntax;
  readonly escaping: Escaping | undefined;
}

/** The text formats 0.0.4 and 1.0.0 are one grammar; so are OpenMetrics 0.0.1 and 1.0.0. */
export type ExpositionSyntax = 'text' | 'openmetrics' | 'protobuf';

const MEDIA_TYPE = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Reads from a response's `Content-Type` which parser its body needs.
 *
 * @param fallback what to take where the header is missing or names no exposition format (Prometheus's
 *   `fallback_scrape_protocol`); without one that is an error.
 * @throws UnknownFormatError naming the header and what is wrong with it.
 */
export function formatOf(contentType: string | undefined, fallback?: ExpositionSyntax): ExpositionFormat {
  const header = contentType?.trim() ?? '';
  const { type, parameters } = parse(header);
  const outcome = header === '' ? 'the response has no Content-Type' : syntaxOf(type, parameters);
  if (typeof outcome === 'object') return outcome;
  if (fallback !== undefined) return { syntax: fallback, escaping: escapingOf(parameters) };
  throw new UnknownFormatError(
    `cannot choose a parser: ${outcome}; say which format the target speaks (fallback: text, openmetrics or protobuf)`,
  );
}

/** The format, or what is wrong. */
function syntaxOf(type: string, parameters: Readonly<Record<string, string>>): ExpositionFormat | string {
  if (!MEDIA_TYPE.test(type)) return `Content-Type ${JSON.stringify(type)} is no media type`;
  const escaping = escapingOf(parameters);
  switch (type) {
    // Any version: Prometheus reads them all the same, VictoriaMetrics sends none.
    case 'text/plain':
      return { syntax: 'text', escaping };
    case 'application/openmetrics-text':
      return openMetricsFault(parameters) ?? { syntax: 'openmetrics', escaping };
    case 'application/vnd.google.protobuf':
      return protobufFault(parameters) ?? { syntax: 'protobuf', escaping };
    default:
      return `Content-Type ${JSON.stringify(type)} is no exposition format`;
  }
}

/** OpenMetrics 2 has another grammar (composite values). */
function openMetricsFault({ version = '1.0.0' }: Readonly<Record<string, string>>): string | undefined {
  return /^[01]\./.test(version) ? undefined : `OpenMetrics version ${JSON.stringify(version)} is not supported`;
}

function protobufFault({
  proto = 'io.prometheus.client.MetricFamily',
  encoding = 'delimited',
}: Readonly<Record<string, string>>): string | undefined {
  if (proto !== 'io.prometheus.client.MetricFamily') return `protobuf message ${JSON.stringify(proto)} is no metrics`;
  return encoding === 'delimited' ? undefined : `protobuf encoding ${JSON.stringify(encoding)} is not supported`;
}

function escapingOf({ escaping }: Readonly<Record<string, string>>): Escaping | undefined {
  return ESCAPINGS.find((known) => known === escaping);
}
