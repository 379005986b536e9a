import { expect, it } from 'vitest';
import { negotiateEscaping } from '../../../lib/api/federate/negotiate-escaping.ts';

it.each([
  [null, 'underscores'],
  ['*/*', 'underscores'],
  ['text/plain', 'underscores'],
  ['text/plain;version=0.0.4;escaping=dots', 'dots'],
  ['text/plain; version=1.0.0; escaping=allow-utf-8', 'allow-utf-8'],
  ['text/plain;version=0.0.4;escaping=allow-utf-8,text/plain;version=0.0.4;escaping=dots', 'allow-utf-8'],
  ['text/plain;escaping=dots;q=0.5,text/plain;escaping=values;q=0.6', 'values'],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.2',
    'allow-utf-8',
  ],
  ['text/plain;version=0.0.4;q=0.9,application/openmetrics-text;escaping=allow-utf-8;q=0.5', 'underscores'],
  ['text/plain;escaping="values"', 'values'],
  ['text/plain;escaping=unknown', 'underscores'],
  [';;=,', 'underscores'],
])('Accept: %s asks for %s', (accept, escaping) => {
  expect(negotiateEscaping(accept)).toBe(escaping);
});
