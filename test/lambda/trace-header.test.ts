import { describe, expect, it } from 'vitest';
import { traceHeader } from '../../lib/lambda/trace-header.ts';

describe('traceHeader', () => {
  it('is that of an invocation which is traced', () => {
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1';
    expect(traceHeader({ _X_AMZN_TRACE_ID: header })).toBe(header);
  });

  it.each([undefined, '', 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0'])('is none for %s', (header) => {
    expect(traceHeader(header === undefined ? {} : { _X_AMZN_TRACE_ID: header })).toBeUndefined();
  });
});
