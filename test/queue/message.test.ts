import { describe, expect, it } from 'vitest';
import {
  decodeSqsRecord,
  encodeMessage,
  PoisonMessageError,
  type SqsRecord,
  sqsBytes,
} from '../../lib/queue/message.ts';
import { message } from '../suites/queue.suite.ts';

describe('encodeMessage', () => {
  it('writes the body as base64 and the envelope as text', () => {
    expect(encodeMessage(message({ id: 'r-7' }))).toEqual({
      body: 'AAEC/v8=',
      attributes: {
        id: 'r-7',
        tenant: 'acme',
        source: 'prometheus',
        plan: 'a1b2c3',
        receivedAt: '1790000000000',
        account: '{"accepted":2}',
      },
    });
  });

  it('encodes the part of a larger buffer that a view shows', () => {
    const whole = new Uint8Array([9, 9, 1, 2, 3, 9]);
    const { body } = encodeMessage({ ...message(), body: whole.subarray(2, 5) });
    expect(Buffer.from(body, 'base64')).toEqual(Buffer.from([1, 2, 3]));
  });

  it('refuses an empty body', () => {
    expect(() => encodeMessage({ ...message({ id: 'e' }), body: new Uint8Array() })).toThrow(
      'BUG: message e has a body of 0 bytes, not 1 to 716800',
    );
  });
});

describe('sqsBytes', () => {
  it('counts names, types and values in UTF-8 bytes', () => {
    const attributes = { id: 'é', tenant: 'b', source: 'c', plan: 'd', receivedAt: '1', account: '{}' };
    // Names 2+6+6+4+10+7 = 35, six times `String` = 36, values 2+1+1+1+1+2 = 8.
    expect(sqsBytes({ body: 'AAAA', attributes })).toBe(4 + 35 + 36 + 8);
  });
});

describe('decodeSqsRecord', () => {
  const good = record();

  it('reads what encodeMessage wrote', () => {
    const decoded = decodeSqsRecord(good);
    expect(decoded.envelope).toEqual(message().envelope);
    expect(Array.from(decoded.body)).toEqual([0, 1, 2, 254, 255]);
  });

  it.each([
    ['an empty body', { body: '' }, 'cannot decode message m-1: the body is empty'],
    ['a body that is not base64', { body: 'no base64!!!' }, 'cannot decode message m-1: the body is not base64'],
    ['a body cut short', { body: 'AAEC/v8' }, 'cannot decode message m-1: the body is not base64'],
    ['no attributes', { messageAttributes: {} }, 'cannot decode message m-1: attribute id is missing'],
    ['a missing attribute', without('tenant'), 'cannot decode message m-1: attribute tenant is missing'],
    ['an empty attribute', set('source', ''), 'cannot decode message m-1: attribute source is not a non-empty string'],
    [
      'a binary attribute',
      { messageAttributes: { ...good.messageAttributes, plan: { dataType: 'Binary' } } },
      'cannot decode message m-1: attribute plan is not a non-empty string',
    ],
    [
      'a time that is no number',
      set('receivedAt', 'yesterday'),
      'cannot decode message m-1: attribute receivedAt is "yesterday", not milliseconds since the epoch',
    ],
    [
      'a time out of range',
      set('receivedAt', '99999999999999999999'),
      /attribute receivedAt is "9{20}", not milliseconds/,
    ],
  ])('refuses %s', (_, change, text) => {
    const decode = () => decodeSqsRecord({ ...good, ...change } as SqsRecord);
    expect(decode).toThrow(PoisonMessageError);
    expect(decode).toThrow(text);
  });

  function record(): SqsRecord {
    const { body, attributes } = encodeMessage(message());
    const messageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
    );
    return { messageId: 'm-1', body, messageAttributes };
  }

  function set(name: string, stringValue: string): Partial<SqsRecord> {
    return { messageAttributes: { ...good.messageAttributes, [name]: { stringValue, dataType: 'String' } } };
  }

  function without(name: string): Partial<SqsRecord> {
    const { [name]: _, ...messageAttributes } = good.messageAttributes;
    return { messageAttributes };
  }
});
