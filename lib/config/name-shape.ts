import { z } from 'zod';

/** Names of tenants, tokens and sources. */
export const nameText = z
  .string('is missing; give it a name')
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must begin with a letter and hold only a-z, 0-9, _ and - (63 at most)');

/** A limit. */
export const positiveCount = z.int('must be a whole number').positive('must be more than 0');

export const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is not a label name');
