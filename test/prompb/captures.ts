import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RemoteWriteProtocol } from '../../lib/prompb/write-request.ts';

/** A recorded body of a real sender, and what an independent decoder found in it. */
export interface Capture {
  readonly file: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly decoded: {
    readonly v: 1 | 2;
    readonly raw: number;
    readonly series: number;
    readonly samples: number;
    readonly hist: number;
    readonly ex: number;
    readonly meta: number;
    readonly stale: number;
    readonly unsorted: number;
  };
}

const FOLDER = fileURLToPath(new URL('../../../shared/captures/', import.meta.url));

/** Bodies of Prometheus and vmagent; none where they are not beside the project (the caller says so loudly). */
export function readCaptures(): readonly Capture[] {
  if (!existsSync(`${FOLDER}INDEX.json`)) return [];
  const all = JSON.parse(readFileSync(`${FOLDER}INDEX.json`, 'utf8')) as Capture[];
  return all.filter(({ file }) => file.startsWith('rw'));
}

export function readBody({ file }: Capture): Uint8Array {
  return new Uint8Array(readFileSync(FOLDER + file));
}

export function encodingOf({ headers }: Capture): string {
  return headers['Content-Encoding'] ?? '';
}

export function protocolOf({ decoded }: Capture): RemoteWriteProtocol {
  return decoded.v === 2 ? 'io.prometheus.write.v2.Request' : 'prometheus.WriteRequest';
}
