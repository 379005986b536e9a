import { describe, expect, it } from 'vitest';
import { UnknownFormatError } from '../../lib/textparse/errors.ts';
import { formatOf } from '../../lib/textparse/exposition-format.ts';

const PROTOBUF = 'application/vnd.google.protobuf';

describe('formatOf', () => {
  it.each([
    ['text/plain', 'text'],
    ['text/plain; charset=utf-8', 'text'],
    ['text/plain; version=0.0.4; charset=utf-8', 'text'],
    ['Text/Plain;Version=1.0.0', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
    ['application/openmetrics-text; version=0.0.1', 'openmetrics'],
    ['application/openmetrics-text; version="1.0.0"; charset=utf-8', 'openmetrics'],
    [PROTOBUF, 'protobuf'],
    [`${PROTOBUF}; proto=io.prometheus.client.MetricFamily; encoding=delimited`, 'protobuf'],
    [`${PROTOBUF};proto="io.prometheus.client.MetricFamily";encoding="delimited"`, 'protobuf'],
  ])('%s is %s', (header, syntax) => {
    expect(formatOf(header)).toEqual({ syntax, escaping: undefined });
  });

  it.each(['allow-utf-8', 'underscores', 'dots', 'values'])('knows the escaping %s', (escaping) => {
    expect(formatOf(`text/plain; version=0.0.4; escaping=${escaping}`)).toEqual({ syntax: 'text', escaping });
  });

  it('leaves out an escaping that nobody knows', () => {
    expect(formatOf('text/plain; escaping=rot13').escaping).toBeUndefined();
  });

  describe.each([
    [undefined, /has no Content-Type/],
    ['', /has no Content-Type/],
    ['  ', /has no Content-Type/],
    ['invalid/', /"invalid\/" is no media type/],
    ['/', /"\/" is no media type/],
    ['a/b/c', /"a\/b\/c" is no media type/],
    ['text', /"text" is no media type/],
    ['text/html', /"text\/html" is no exposition format/],
    ['a/b; c=1; c=2', /"a\/b" is no exposition format/],
    ['application/openmetrics-text; version=2.0.0', /OpenMetrics version "2.0.0"/],
    [`${PROTOBUF}; encoding=text`, /encoding "text"/],
    [`${PROTOBUF}; proto=io.prometheus.write.v2.Request`, /message "io.prometheus.write.v2.Request"/],
  ])('for Content-Type %j', (header, complaint) => {
    it('complains and says what to do', () => {
      const choose = () => formatOf(header);
      expect(choose).toThrow(UnknownFormatError);
      expect(choose).toThrow(complaint);
      expect(choose).toThrow(/fallback/);
    });

    it('takes the fallback where there is one', () => {
      expect(formatOf(header, 'openmetrics').syntax).toBe('openmetrics');
    });
  });

  it('does not let a fallback overrule a good header', () => {
    expect(formatOf('text/plain', 'protobuf').syntax).toBe('text');
  });
});
