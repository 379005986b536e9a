import type { Mistake } from '../rules/mistake.ts';
import { mistakeAt, type YamlFile, type YamlPath } from '../rules/yaml-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `${env:VAR}` and `${env:VAR, fallback}` in every string of a document. A variable that is unset or empty and
 * has no fallback is a mistake: nothing is ever silently empty. Where a secret stands its reference is left for the
 * functions to read, so that what is compiled from the document holds none.
 */
export function resolveReferences(yaml: YamlFile, environment: Environment, mistakes: Mistake[]): unknown {
  const resolve = (value: unknown, path: YamlPath): unknown => {
    if (isSecretPath(path)) return value;
    if (typeof value === 'string')
      return resolveText(value, environment, (text) => mistakes.push(mistakeAt(yaml, path, text)));
    if (Array.isArray(value)) return value.map((item, i) => resolve(item, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, [...path, key])]));
  };
  return resolve(yaml.value, []);
}

const SECRETS = new Set(['password', 'token', 'client_secret', 'access_key_id', 'secret_access_key', 'session_token']);

/** `tenants[i].sources[j].headers`, `.tls` and the secrets of `.auth`. */
function isSecretPath([tenants, , sources, , part, key]: YamlPath): boolean {
  if (tenants !== 'tenants' || sources !== 'sources') return false;
  return part === 'headers' || part === 'tls' || (part === 'auth' && SECRETS.has(String(key)));
}

function resolveText(text: string, environment: Environment, complain: (message: string) => void): string {
  return text.replace(/\$\{([^}]*)\}/g, (whole, body: string) => {
    const match = /^env:([A-Za-z_][A-Za-z0-9_]*)(?:\s*,\s*(.*))?$/s.exec(body.trim());
    if (match === null) {
      complain(`${whole} is not a reference that is known; write \${env:NAME} or \${env:NAME, fallback}`);
      return whole;
    }
    const [, variable = '', fallback] = match;
    const value = environment[variable] || fallback;
    if (value !== undefined) return value;
    complain(`the environment variable ${variable} is not set; set it, or write \${env:${variable}, fallback}`);
    return whole;
  });
}
