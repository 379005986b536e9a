import { z } from 'zod';
import { TOKEN_SCOPES } from '../context/tenant.ts';
import { closedMap } from '../rules/shapes.ts';
import { nameText } from './name-shape.ts';

/** One of `tokens` of a tenant. */
export const tokenShape = closedMap({
  name: nameText,
  sha256: z
    .string('is missing; `tributary token create <name>` prints a token and this line')
    .describe(
      'SHA-256 of the token, 64 hex digits; or ${env:VAR}; or ${env:VAR, closed}, which leaves the token out where VAR is unset; or closed.',
    ),
  scopes: z
    .array(z.enum(TOKEN_SCOPES, `must be one of ${TOKEN_SCOPES.join(', ')}`), 'must be a list of write, read and admin')
    .min(1, 'is empty; a token without a scope can do nothing')
    .describe('What the token may be used for.'),
  sources: z
    .array(z.string('must be the name of a source'), 'must be a list of names of sources')
    .min(1, 'is empty; leave it out for a token that reaches all sources')
    .describe('Sources that the token is bound to. Default: all of the tenant.')
    .optional(),
  expires: z
    .string('must be a date such as 2027-01-01, or a time such as 2027-01-01T12:00:00Z')
    .refine(
      (text) => parseExpiry(text) !== undefined,
      'must be a date such as 2027-01-01 (midnight UTC), or a time such as 2027-01-01T12:00:00Z',
    )
    .describe('From then on nobody can use the token: a date (midnight UTC) or a time of RFC 3339. Default: never.')
    .optional(),
});

export type WrittenToken = z.infer<typeof tokenShape>;

/** The word that stands for a token whose hash is not known here: nobody can use it. */
export const CLOSED = 'closed';

/** ms; undefined for what is no date or time. */
export function parseExpiry(text: string): number | undefined {
  const [, date] = /^(\d{4}-\d\d-\d\d)(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const [time, day] = [Date.parse(text.toUpperCase()), Date.parse(`${date}T00:00:00Z`)];
  // JavaScript takes the 30th of February for a day of March.
  const isDay = !Number.isNaN(day) && new Date(day).toISOString().startsWith(date ?? '');
  return date === undefined || Number.isNaN(time) || !isDay ? undefined : time;
}
