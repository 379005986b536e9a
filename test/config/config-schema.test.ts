import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../lib/config/config-schema.ts';

describe('docs/tributary.schema.json', () => {
  it('is what the schema in the code says (vitest -u writes it)', async () => {
    await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../docs/tributary.schema.json');
  });
});
