import { createHash } from 'node:crypto';
import type { ApiDependencies } from '../dependencies.ts';
import type { Call } from '../endpoint.ts';
import { compactionStatuses } from '../status-compaction.ts';
import { deadLettersStatus } from '../status-dead-letters.ts';
import { evaluationStatus } from '../status-evaluation.ts';
import { sourceStatuses } from '../status-sources.ts';
import { Html, type HtmlPart, html } from './html.ts';
import {
  compactionSection,
  deadLettersSection,
  evaluationSection,
  intakeSection,
  section,
  sourcesSection,
} from './sections.ts';
import { STYLE } from './style.ts';

const WINDOW_MS = 3600_000;

/** The page's own style by its hash, and nothing else: no script, no image, no frame, no form, no base. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const;

/**
 * `GET /status`: what `/api/v1/status/*` tell, for people. One part that cannot be read leaves the others there. Dead
 * letters are shown to who may administer.
 */
export async function statusPage(call: Call, request: Request, dependencies: ApiDependencies): Promise<Response> {
  const { tenant, token } = call;
  const { ledger, now, deadLetters } = dependencies;
  const time = now();
  const mayAdminister = token === undefined || token.scopes.includes('admin');
  const part = async (title: string, content: () => Promise<HtmlPart>) => {
    const read = await content().catch((error: unknown) => {
      dependencies.onInternalError?.(error, request);
      return html`<p class="bad">This cannot be read now; why stands in the log of the API.`;
    });
    return section(title, read);
  };
  const parts = await Promise.all([
    part('Sources', async () => sourcesSection(await sourceStatuses(tenant, dependencies))),
    part('The last hour', async () => intakeSection(await ledger.totals(tenant.name, time - WINDOW_MS, time))),
    part('Rules', async () => evaluationSection(await evaluationStatus(tenant.name, dependencies))),
    part('Compaction', async () => compactionSection(await compactionStatuses(tenant.name, dependencies))),
    ...(mayAdminister && deadLetters !== undefined
      ? [part('Dead letters', async () => deadLettersSection(await deadLettersStatus(tenant.name, dependencies), time))]
      : []),
  ]);
  const page = html`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${tenant.name} · Tributary</title><style>${new Html(STYLE)}</style>
<header><h1>Tributary</h1><span>${tenant.name}</span><time>${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC</time></header>
${parts}</html>
`;
  return new Response(page.toString(), { headers: HEADERS });
}
