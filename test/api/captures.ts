import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from 'vitest';

const captures = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/captures');

/** Which Prometheus answered. */
export type CaptureVersion = '2.42' | '3.5';

/** A response as a real Prometheus sent it. */
export interface Capture {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly text: string;
}

/** @throws Error when there is no such capture */
export function capture(version: CaptureVersion, name: string): Capture {
  const file = resolve(captures, `http-prometheus-${version}`, name);
  const [statusLine = '', ...lines] = readFileSync(`${file}.headers`, 'utf8').trim().split(/\r?\n/);
  const headers = new Headers();
  for (const line of lines.filter((text) => text.includes(':'))) {
    headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim());
  }
  const body = readFileSync(`${file}.body`);
  return { status: Number(statusLine.split(' ')[1]), headers, body, text: body.toString('utf8') };
}

/** A test that needs the captures; it is skipped, and says so, where they are not. */
export function itWithCaptures(name: string, test: () => void | Promise<void>): void {
  if (existsSync(captures)) return void it(name, test);
  console.warn(`skipped: ${name}: responses of real Prometheus servers are not at ${captures}`);
  it.skip(`${name} (needs ${captures})`, test);
}
