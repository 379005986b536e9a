import { readFileSync } from 'node:fs';

const REFERENCE = /\$\{(env|file):([^}]*)\}/g;

/** What only AWS can tell: the store, the name, and the key of a secret that is a JSON object. */
export const STORED = /\$\{(ssm|secretsmanager):([^}#]+)(?:#([^}#]+))?\}/;

/**
 * Reads the secrets that lie where the function runs, at the time it needs them: `${env:NAME}` an environment variable,
 * `${file:PATH}` a file without the line break at its end. The rest of the text stays as it is; `newSecretReader` also knows
 * what AWS keeps.
 *
 * @throws Error naming the reference, never its value, when there is nothing to read.
 */
export function readSecret(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(REFERENCE, (reference, kind: string, name: string) =>
    kind === 'env' ? readVariable(reference, environment[name.trim()]) : readFile(reference, name.trim()),
  );
}

/** Whether a text is one reference and nothing else. */
export function isOneReference(text: string): boolean {
  return /^\$\{[^}]*\}$/.test(text) && hasOnlyReferences(text);
}

/** Whether every `${…}` of a text is a reference that `newSecretReader` knows. */
export function hasOnlyReferences(text: string): boolean {
  const known = /\$\{env:[A-Za-z_][A-Za-z0-9_]*\}|\$\{file:[^}]+\}/g;
  return !text.replace(known, '').replace(new RegExp(STORED, 'g'), '').includes('${');
}

/** PEM texts often lose their line breaks on the way into a variable: `\n` stands for one then. */
function readVariable(reference: string, value: string | undefined): string {
  if (!value) throw new Error(`cannot read ${reference}: the variable is not set where this function runs; set it`);
  return value.includes('-----BEGIN ') ? value.replaceAll('\\n', '\n') : value;
}

function readFile(reference: string, path: string): string {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (text !== '') return text;
  } catch (error) {
    throw new Error(`cannot read ${reference}: ${(error as Error).message}`);
  }
  throw new Error(`cannot read ${reference}: the file is empty`);
}
