import { describe, expect, it } from 'vitest';
import { lintContextLabel, lintRecord } from '../../lib/context/lint-record.ts';

const good = { asserts_request_type: 'inbound', asserts_source: 'spring_boot' };

function lint(record: string, labels: Record<string, string>, strict = true, written: string[] = []): string[] {
  return lintRecord({ record, labels, strict, written: new Set(written) }).map(
    ({ key, message }) => `${key}: ${message}`,
  );
}

describe('lintRecord', () => {
  it('accepts what the vocabulary has', () => {
    expect(lint('asserts:request:total', good)).toEqual([]);
    expect(lint('asserts:error:total', { ...good, asserts_error_type: 'server_errors' })).toEqual([]);
  });

  it('counts a label that the expression writes as present', () => {
    expect(lint('asserts:request:total', { asserts_source: 'grafana' }, true, ['asserts_request_type'])).toEqual([]);
  });

  it('refuses unknown names and guesses what was meant', () => {
    expect(lint('asserts:request:totl', good)[0]).toMatch(/^record: .*did you mean asserts:request:total\?.*docs\//);
    expect(lint('job:requests:sum', good)).toHaveLength(1);
  });

  it('leaves names outside asserts: to users', () => {
    expect(lint('job:requests:sum', {}, false)).toEqual([]);
    expect(lint('asserts:nothing', {}, false)).toHaveLength(1);
  });

  it('names every missing mandatory label', () => {
    expect(lint('asserts:error:total', { asserts_source: 'x' })).toEqual([
      "labels: asserts:error:total needs the label asserts_request_type; add it to the rule's labels",
      "labels: asserts:error:total needs the label asserts_error_type; add it to the rule's labels",
    ]);
  });

  it('keeps client errors to inbound requests', () => {
    expect(lint('asserts:client:error:total', { ...good, asserts_request_type: 'outbound' })[0]).toMatch(
      /^labels\.asserts_request_type: .*as asserts:error:total$/,
    );
  });

  it('refuses unknown context labels and values', () => {
    expect(lintContextLabel('asserts_sorce', 'x', true)).toMatch(/did you mean asserts_source\?/);
    expect(lintContextLabel('asserts_request_type', 'inbund', true)).toMatch(
      /did you mean inbound\?.*use one of inbound/,
    );
    expect(lintContextLabel('asserts_request_type', 'batch', false)).toBeUndefined();
    expect(lintContextLabel('asserts_severity', 'bad', false)).toMatch(/use one of info, warning, critical/);
    expect(lintContextLabel('asserts_source', 'Spring Boot', false)).toMatch(/values look like/);
    expect(lintContextLabel('team', 'Spring Boot', true)).toBeUndefined();
  });
});
