/** The label that says which operation a request series is about. */
export const REQUEST_CONTEXT_LABEL = 'asserts_request_context';

/** The context of everything that comes when the contexts of a service are used up. */
export const OTHER_CONTEXT = '__other__';

/** Longest context, UTF-16 units. */
export const MAX_REQUEST_CONTEXT_LENGTH = 256;

/**
 * Folds what varies from request to request out of an operation's name: ids, UUIDs, hashes, numbers and dates among the
 * segments of a path become `{}`, query and fragment go. `/cart/4711?x=1` becomes `/cart/{}`, `GET /cart/4711` becomes
 * `GET /cart/{}`. Parameters that the framework already named (`/cart/{id}`, `/cart/:id`) and names that are no paths
 * (`Order#place`, `SELECT shop.orders`) stay. Folding twice changes nothing more.
 */
export function requestContext(value: string): string {
  const match = /^((?:[A-Z]+ )?)((?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?)(\/?.*)$/s.exec(value);
  const [, method = '', origin = '', rest = ''] = match ?? [];
  const isPath = rest.startsWith('/') || (origin !== '' && /^[?#]|^$/.test(rest));
  return truncate(isPath ? `${method}${origin}${foldPath(rest)}` : value);
}

function foldPath(path: string): string {
  const end = path.search(/[?#]/);
  const plain = end < 0 ? path : path.slice(0, end);
  return plain
    .split('/')
    .map((segment) => (isVariable(segment) ? '{}' : segment))
    .join('/');
}

/** Longer segments are tokens or file names of users, never names of routes. */
const MAX_SEGMENT_LENGTH = 64;

const VARIABLE_SEGMENTS: readonly RegExp[] = [
  // Numbers, signed and decimal ones too, and anything with a run of five digits (`order-10023`).
  /^[+-]?\d+(?:[.,]\d+)?$/,
  /\d{5}/,
  // Dates and times: 2026-11-22, 2026-11-22T10:00:00Z.
  /^\d{4}-\d{2}(?:-\d{2})?(?:T.*)?$/,
  // UUIDs, with or without braces.
  /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i,
  // Hashes and object ids: hexadecimal with at least one digit.
  /^(?=.*\d)(?:0x)?[0-9a-f]{8,}$/i,
  // ULIDs, base-62 and base-64 tokens: long, with digits and letters of both cases or without any lower case.
  /^(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9_=-]{16,}$/,
  /^(?=.*\d)[0-9A-Z]{20,}$/,
  // Mail addresses.
  /^[^@\s]+@[^@\s]+$/,
];

function isVariable(segment: string): boolean {
  if (segment.length > MAX_SEGMENT_LENGTH) return true;
  return VARIABLE_SEGMENTS.some((pattern) => pattern.test(segment));
}

function truncate(value: string): string {
  if (value.length <= MAX_REQUEST_CONTEXT_LENGTH) return value;
  const cut = value.slice(0, MAX_REQUEST_CONTEXT_LENGTH);
  return /\p{Surrogate}$/u.test(cut) ? cut.slice(0, -1) : cut;
}
