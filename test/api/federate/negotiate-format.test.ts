import { expect, it } from 'vitest';
import { contentTypeOf, negotiateFormat } from '../../../lib/api/federate/negotiate-format.ts';

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
  expect(negotiateFormat(accept)).toEqual({ syntax: 'text', escaping });
});

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

it.each([
  [PROTOBUF, 'protobuf', 'underscores'],
  [`${PROTOBUF};escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5`, 'protobuf', 'allow-utf-8'],
  [`${PROTOBUF};q=0.3,text/plain;version=0.0.4;q=0.5`, 'text', 'underscores'],
  [`application/openmetrics-text;version=1.0.0;q=0.9,${PROTOBUF};q=0.6`, 'protobuf', 'underscores'],
  [PROTOBUF.replace('delimited', 'compact-text'), 'text', 'underscores'],
  [PROTOBUF.replace('MetricFamily', 'Other'), 'text', 'underscores'],
  ['application/vnd.google.protobuf', 'text', 'underscores'],
])('Accept: %s is answered in %s with escaping %s', (accept, syntax, escaping) => {
  expect(negotiateFormat(accept)).toEqual({ syntax, escaping });
});

it('names what it answers', () => {
  expect(contentTypeOf({ syntax: 'protobuf', escaping: 'dots' })).toBe(
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=dots',
  );
  expect(contentTypeOf({ syntax: 'text', escaping: 'values' })).toBe(
    'text/plain; version=0.0.4; charset=utf-8; escaping=values',
  );
});
