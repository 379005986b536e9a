import type { ApiDependencies } from './dependencies.ts';
import { JsonTooLongError, JsonWriter } from './json/json-writer.ts';
import { MAX_LAMBDA_RESPONSE_BYTES, MAX_TEXT_PER_RESPONSE_BYTE, packResponse, tooLarge } from './pack-response.ts';

/**
 * A response of 200 whose body is written by `write`.
 * @throws ApiError (422) when it is larger than a response may be
 */
export async function writeResponse(
  request: Request,
  contentType: string,
  { maxResponseBytes = MAX_LAMBDA_RESPONSE_BYTES }: ApiDependencies,
  write: (out: JsonWriter) => void,
): Promise<Response> {
  const out = new JsonWriter(maxResponseBytes * MAX_TEXT_PER_RESPONSE_BYTE);
  try {
    write(out);
    return await packResponse(request, out.toBuffer(), contentType, maxResponseBytes);
  } catch (error) {
    if (error instanceof JsonTooLongError)
      throw tooLarge(maxResponseBytes * MAX_TEXT_PER_RESPONSE_BYTE, maxResponseBytes, true);
    throw error;
  }
}
