import { z } from 'zod';
import { SIGNAL_SHAPES } from './signal.ts';

/** The JSON Schema of signals files, for editors. */
export function signalsJsonSchema(): object {
  const { histogram, ...others } = SIGNAL_SHAPES;
  const signal = z.discriminatedUnion('kind', [histogram, ...Object.values(others)]);
  const file = z.strictObject({ signals: z.array(signal).describe('What the metrics of an application are about.') });
  return { title: 'signals.yml', ...z.toJSONSchema(file, { io: 'input' }) };
}
