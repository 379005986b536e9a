import { invalidParameter } from './api-error.ts';
import type { Answer, Call } from './endpoint.ts';
import { goQuote } from './params/go-quote.ts';

/**
 * `GET /api/v1/rules`: no groups. The rules at work here are applied to samples as they stream in, over raw series that
 * are not kept; Grafana would offer to expand them into expressions that have no data.
 */
export async function rules({ params }: Call): Promise<Answer> {
  const type = params.get('type').toLowerCase();
  if (!['', 'alert', 'record'].includes(type)) throw invalidParameter('type', `not supported value ${goQuote(type)}`);
  return { data: (out) => out.write('{"groups":[]}') };
}
