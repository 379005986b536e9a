import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** A page that a real server answered. */
export interface CapturedPage {
  readonly file: string;
  readonly contentType: string;
  /** Decompressed. */
  readonly body: Uint8Array;
}

const FOLDER = fileURLToPath(new URL('../../../shared/captures/', import.meta.url));

/** Answers of Prometheus, node_exporter and VictoriaMetrics with metrics in them; none where they are not beside the project. */
export function readCapturedPages(): readonly CapturedPage[] {
  if (!existsSync(FOLDER)) return [];
  const folders = readdirSync(FOLDER).filter((folder) => folder.startsWith('http-prometheus-'));
  const files = folders.flatMap((folder) => readdirSync(FOLDER + folder).map((file) => `${folder}/${file}`));
  return files.filter((file) => /\/(metrics_|federate_|vm_federate).*\.body$/.test(file)).flatMap(readCapture);
}

function readCapture(file: string): CapturedPage[] {
  const headers = readFileSync(FOLDER + file.replace(/body$/, 'headers'), 'latin1');
  const contentType = /^content-type: *(.*?)\r?$/im.exec(headers)?.[1] ?? '';
  if (!/^HTTP\/1.1 200 /.test(headers)) return [];
  const raw = readFileSync(FOLDER + file);
  return [{ file, contentType, body: /^content-encoding: *gzip/im.test(headers) ? gunzipSync(raw) : raw }];
}
