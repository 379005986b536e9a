import { ApiError } from '../api-error.ts';
import { Params } from './params.ts';

/** Largest form; API Gateway itself stops at 10 MB and a Lambda function at 6 MB. */
export const MAX_FORM_BYTES = 6 * 1024 * 1024;

/**
 * Parameters of the URL and, on POST, of an `application/x-www-form-urlencoded` body, which come first. Bodies of other
 * types are not read, as in Prometheus.
 * @throws ApiError when the form is larger than MAX_FORM_BYTES
 */
export async function readParams(request: Request): Promise<Params> {
  const url = new URL(request.url).searchParams;
  if (request.method !== 'POST' || !isForm(request.headers.get('content-type'))) return new Params(url);
  const body = await request.text();
  if (body.length > MAX_FORM_BYTES) {
    throw new ApiError('bad_data', `error parsing form values: http: POST too large (limit ${MAX_FORM_BYTES} bytes)`);
  }
  return new Params(new URLSearchParams([...new URLSearchParams(body), ...url]));
}

function isForm(contentType: string | null): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}
