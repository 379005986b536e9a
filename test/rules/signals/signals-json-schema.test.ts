import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { SIGNAL_SHAPES } from '../../../lib/rules/signals/signal.ts';
import { signalsJsonSchema } from '../../../lib/rules/signals/signals-json-schema.ts';
import { planOfSignals } from './expand.ts';

const docs = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

describe('docs/signals.schema.json', () => {
  it('is up to date (else: npm run -s tributary -- schema --signals > docs/signals.schema.json)', () => {
    expect(JSON.parse(docs('signals.schema.json'))).toEqual(JSON.parse(JSON.stringify(signalsJsonSchema())));
  });

  it('knows every kind', () => {
    const kinds = JSON.stringify(signalsJsonSchema()).matchAll(/"const":"(\w+)"/g);
    expect([...kinds].map(([, kind]) => kind).sort()).toEqual(Object.keys(SIGNAL_SHAPES).sort());
  });
});

describe('docs/signals.md', () => {
  const page = docs('signals.md');
  const examples = [...page.matchAll(/```yaml\nsignals:\n(.*?)```/gs)].map(([, text]) => text as string);

  it.each(examples)('has an example that can be used: %s', (example) => {
    const count = (parseDocument(`signals:\n${example}`).toJS() as { signals: unknown[] }).signals.length;
    const { mappings, derived } = planOfSignals(example);
    expect(mappings.length + derived.length).toBeGreaterThanOrEqual(count);
    const schema = z.fromJSONSchema(JSON.parse(docs('signals.schema.json')));
    expect(schema.safeParse(parseDocument(`signals:\n${example}`).toJS()).success).toBe(true);
  });

  it('speaks of every kind and key', () => {
    const keys = Object.values(SIGNAL_SHAPES).flatMap((shape) => Object.keys(shape.shape));
    const missing = [...new Set([...Object.keys(SIGNAL_SHAPES), ...keys])].filter((word) => !page.includes(word));
    expect(missing).toEqual([]);
  });
});
