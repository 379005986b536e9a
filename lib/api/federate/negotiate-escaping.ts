import { ESCAPINGS, type Escaping } from './escape-name.ts';

/**
 * The escaping that a scraper's Accept header asks for, as Prometheus negotiates it: clauses in order of quality, each
 * may name one, and the first that means text 0.0.4 ends the search. The format is always text 0.0.4.
 */
export function negotiateEscaping(accept: string | null): Escaping {
  let escaping: Escaping = 'underscores';
  for (const { mediaType, parameters } of clausesOf(accept ?? '')) {
    const asked = parameters.get('escaping');
    escaping = ESCAPINGS.find((known) => known === asked) ?? escaping;
    if (mediaType === 'text/plain' && ['0.0.4', '', undefined].includes(parameters.get('version'))) break;
  }
  return escaping;
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
