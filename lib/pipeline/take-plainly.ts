import { decodeWriteRequest } from '../prompb/decode-write-request.ts';
import {
  DecodeError,
  MessageTooLargeError,
  type RemoteWriteProtocol,
  type WriteRequest,
  WrongProtocolError,
} from '../prompb/write-request.ts';
import { SnappyError, SnappyTooLargeError, uncompress } from '../wire/snappy.ts';
import type { Intake } from './intake.ts';
import { MAX_DECODED_BYTES } from './intake-limits.ts';
import { IntakeRefusal } from './intake-refusal.ts';
import { IntakeReport } from './intake-report.ts';
import { packMessages } from './pack-messages.ts';
import { type Selects, selectSeries } from './select-series.ts';
import { type AcceptedSeries, type ValidationRules, validateSeries } from './validate-series.ts';

/**
 * Takes a body apart as a whole and judges every series anew: slow, for any message there is. It says what
 * `takeRemembered` must come to as well.
 *
 * @throws IntakeRefusal when the body is no such message.
 */
export function takePlainly(body: Uint8Array, rules: Omit<ValidationRules, 'hasSamples'>, selects: Selects): Intake {
  const report = new IntakeReport();
  const message = decodeBody(uncompressBody(body), rules.protocol);
  const selected = selectSeries(validateAll(message, rules, report), message.metadata, selects, report);
  return { report, bodies: packMessages(selected) };
}

function uncompressBody(body: Uint8Array): Uint8Array {
  if (body.length === 0) throw new IntakeRefusal(400, 'empty_body', 'cannot read an empty body');
  if (body.length > MAX_DECODED_BYTES) {
    throw new IntakeRefusal(413, 'body_too_large', `cannot take ${body.length} bytes: more than ${MAX_DECODED_BYTES}`);
  }
  try {
    return uncompress(body, MAX_DECODED_BYTES);
  } catch (error) {
    if (error instanceof SnappyTooLargeError) throw new IntakeRefusal(413, 'body_too_large', error.message);
    if (error instanceof SnappyError) throw new IntakeRefusal(400, 'corrupt_body', error.message);
    throw error;
  }
}

function decodeBody(bytes: Uint8Array, protocol: RemoteWriteProtocol): WriteRequest {
  try {
    return decodeWriteRequest(bytes, protocol);
  } catch (error) {
    if (error instanceof MessageTooLargeError) throw new IntakeRefusal(413, 'body_too_large', error.message);
    if (error instanceof WrongProtocolError) throw new IntakeRefusal(400, 'wrong_protocol', error.message);
    if (error instanceof DecodeError) throw new IntakeRefusal(400, 'corrupt_body', error.message);
    throw error;
  }
}

function validateAll(
  { timeseries }: WriteRequest,
  of: Omit<ValidationRules, 'hasSamples'>,
  report: IntakeReport,
): readonly AcceptedSeries[] {
  const hasSamples = timeseries.some(({ samples, histograms }) => samples.length + histograms.length > 0);
  const rules = { ...of, hasSamples };
  return timeseries.map((series) => validateSeries(series, rules, report)).filter((series) => series !== undefined);
}
