import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasOnlyReferences, isOneReference, readSecret } from '../../lib/config/read-secret.ts';

const folder = mkdtempSync(join(tmpdir(), 'tributary-secret-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(text: string): string {
  const file = join(folder, 'secret');
  writeFileSync(file, text);
  return file;
}

describe('readSecret', () => {
  it('reads variables and files, and leaves other text alone', () => {
    expect(readSecret('Key ${env:A}/${env:B}', { A: '1', B: 'two' })).toBe('Key 1/two');
    expect(readSecret(`\${file:${fileOf('line\n')}}`, {})).toBe('line');
    expect(readSecret(`\${file:${fileOf('a\nb\r\n')}}`, {})).toBe('a\nb');
    expect(readSecret('plain', {})).toBe('plain');
  });

  it('puts the line breaks of PEM texts back', () => {
    expect(readSecret('${env:PEM}', { PEM: '-----BEGIN X-----\\nAA\\n-----END X-----' })).toBe(
      '-----BEGIN X-----\nAA\n-----END X-----',
    );
    expect(readSecret('${env:A}', { A: 'back\\nslash' })).toBe('back\\nslash');
  });

  it('says which reference leads nowhere', () => {
    expect(() => readSecret('${env:A}', {})).toThrow('cannot read ${env:A}: the variable is not set');
    expect(() => readSecret('${env:A}', { A: '' })).toThrow(/not set/);
    expect(() => readSecret('${file:/nowhere/at/all}', {})).toThrow(
      /cannot read \$\{file:\/nowhere\/at\/all\}: ENOENT/,
    );
    expect(() => readSecret(`\${file:${fileOf('\n')}}`, {})).toThrow(/the file is empty/);
  });
});

describe('references', () => {
  it.each([
    ['${env:A_1}', true, true],
    ['${file:/run/secrets/x}', true, true],
    ['Bearer ${env:A}', false, true],
    ['secret', false, true],
    ['${env:A, b}', false, false],
    ['${ssm:/a/b}', true, true],
    ['${secretsmanager:prod/prometheus#password}', true, true],
    ['${secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf}', true, true],
    ['${env:A}${ssm:b}', false, true],
    ['${ssm:}', false, false],
    ['${vault:a}', false, false],
  ])('%s', (text, isOne, areKnown) => {
    expect([isOneReference(text), hasOnlyReferences(text)]).toEqual([isOne, areKnown]);
  });
});
