import { describe, expect, it } from 'vitest';
import {
  attributeBytes,
  attributesMd5,
  checkAttributes,
  selectAttributes,
} from '../../../local/sqs/message-attributes.ts';

describe('attributesMd5', () => {
  it('is the digest that SQS answers with', () => {
    const attributes = { timestamp: { DataType: 'Number', StringValue: '1493147359900' } };
    expect(attributesMd5(attributes)).toBe('235c5c510d26fb653d073faed50ae77c');
  });

  it('does not depend on the order of names, but on everything else', () => {
    const a = { DataType: 'String', StringValue: '1' };
    const b = { DataType: 'Binary', BinaryValue: 'MQ==' };
    expect(attributesMd5({ a, b })).toBe(attributesMd5({ b, a }));
    const others = [{ a, b: a }, { a: b, b: a }, { a }, { a: { ...a, DataType: 'String.x' }, b }];
    expect(new Set([{ a, b }, ...others].map(attributesMd5)).size).toBe(5);
  });
});

it('attributeBytes counts names, types and values in bytes', () => {
  expect(attributeBytes({ aé: { DataType: 'String', StringValue: 'ü' } })).toBe(3 + 6 + 2);
  expect(attributeBytes({ a: { DataType: 'Binary', BinaryValue: 'AAECAw==' } })).toBe(1 + 6 + 4);
});

it('checkAttributes takes ten attributes and no more', () => {
  const attribute = { DataType: 'String', StringValue: 'x' };
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, attribute]));
  expect(() => checkAttributes(many(10))).not.toThrow();
  expect(() => checkAttributes(many(11))).toThrow(/\[11\] exceeds the allowed maximum \[10\]/);
  expect(() => checkAttributes({ 'a b': attribute })).toThrow(/Invalid message attribute name: 'a b'/);
});

it('selectAttributes reads names, prefixes and All', () => {
  const attribute = { DataType: 'String', StringValue: 'x' };
  const attributes = { 'a.x': attribute, 'a.y': attribute, b: attribute };
  const names = (wanted: readonly string[]) => Object.keys(selectAttributes(attributes, wanted));
  expect(names([])).toEqual([]);
  expect(names(['b', 'c'])).toEqual(['b']);
  expect(names(['a.*'])).toEqual(['a.x', 'a.y']);
  expect(names(['.*'])).toHaveLength(3);
  expect(names(['All'])).toHaveLength(3);
});
