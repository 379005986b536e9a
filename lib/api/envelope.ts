import type { ApiError } from './api-error.ts';
import type { Answer } from './endpoint.ts';
import { jsonString } from './json/json-string.ts';
import type { JsonWriter } from './json/json-writer.ts';
import { writeStrings } from './json/write-list.ts';

/** How many warnings, and how many infos, one response shows at most. */
export const MAX_ANNOTATIONS = 10;

/** `{"status":"success","data":…}`, with `warnings` and `infos` where there are any. */
export function writeSuccess(out: JsonWriter, answer: Answer): void {
  out.write('{"status":"success","data":');
  answer.data(out);
  writeAnnotations(out, 'warnings', answer.warnings ?? [], 'warning');
  writeAnnotations(out, 'infos', answer.infos ?? [], 'info');
  out.write('}');
}

/** `{"status":"error","errorType":…,"error":…}` with its status. */
export function errorResponse(error: ApiError, headers: Readonly<Record<string, string>> = {}): Response {
  const body = `{"status":"error","errorType":"${error.type}","error":${jsonString(error.message)}}`;
  return new Response(body, { status: error.status, headers: { 'Content-Type': 'application/json', ...headers } });
}

function writeAnnotations(out: JsonWriter, key: string, texts: readonly string[], noun: string): void {
  if (texts.length === 0) return;
  const omitted = texts.length - MAX_ANNOTATIONS;
  const shown = texts.slice(0, MAX_ANNOTATIONS);
  out.write(`,"${key}":`);
  writeStrings(out, omitted > 0 ? [...shown, `${omitted} more ${noun} annotations omitted`] : shown);
}
