import type { Answer } from './endpoint.ts';

/** `GET /api/v1/alerts`: no alerting rules are evaluated, so none is active. */
export async function alerts(): Promise<Answer> {
  return { data: (out) => out.write('{"alerts":[]}') };
}
