import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../lib/config/config-schema.ts';

describe('docs/tributary.schema.json', () => {
  it('is up to date (else: npm run -s tributary schema > docs/tributary.schema.json, and format it)', () => {
    const file = readFileSync(new URL('../../docs/tributary.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it('knows every key of the top level and refuses others', () => {
    expect(configJsonSchema()).toMatchObject({
      additionalProperties: false,
      required: ['packs', 'tenants'],
      properties: { packs: {}, rules: {}, retention: {}, tenants: {} },
    });
  });
});
