import { ESCAPINGS, type Escaping } from './escape-name.ts';

/** How a page of `/federate` is written. */
export interface FederateFormat {
  /** Text 0.0.4, or delimited messages `io.prometheus.client.MetricFamily`: only these have native histograms. */
  readonly syntax: 'text' | 'protobuf';
  readonly escaping: Escaping;
}

/**
 * What a scraper's Accept header asks for, as Prometheus negotiates it: clauses in order of quality, each may name an
 * escaping, and the first that means a format we write ends the search. OpenMetrics is never answered.
 */
export function negotiateFormat(accept: string | null): FederateFormat {
  let escaping: Escaping = 'underscores';
  for (const { mediaType, parameters } of clausesOf(accept ?? '')) {
    const asked = parameters.get('escaping');
    escaping = ESCAPINGS.find((known) => known === asked) ?? escaping;
    if (isDelimitedProtobuf(mediaType, parameters)) return { syntax: 'protobuf', escaping };
    if (mediaType === 'text/plain' && ['0.0.4', '', undefined].includes(parameters.get('version'))) break;
  }
  return { syntax: 'text', escaping };
}

export function contentTypeOf({ syntax, escaping }: FederateFormat): string {
  return syntax === 'text'
    ? `text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`
    : `application/vnd.google.protobuf; proto=${MESSAGE}; encoding=delimited; escaping=${escaping}`;
}

const MESSAGE = 'io.prometheus.client.MetricFamily';

function isDelimitedProtobuf(mediaType: string, parameters: Clause['parameters']): boolean {
  const isMessage = mediaType === 'application/vnd.google.protobuf' && parameters.get('proto') === MESSAGE;
  return isMessage && parameters.get('encoding') === 'delimited';
}

interface Clause {
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Best quality first; equal ones stay in order. */
function clausesOf(accept: string): Clause[] {
  const clauses = accept.split(',').map((clause) => {
    const [mediaType = '', ...parameters] = clause.split(';').map((part) => part.trim());
    return { mediaType: mediaType.toLowerCase(), parameters: new Map(parameters.map(parameterOf)) };
  });
  const quality = ({ parameters }: Clause) => Number(parameters.get('q') ?? 1) || 0;
  return clauses.sort((a, b) => quality(b) - quality(a));
}

function parameterOf(text: string): [name: string, value: string] {
  const [name = '', ...value] = text.split('=');
  return [
    name.trim().toLowerCase(),
    value
      .join('=')
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  ];
}
