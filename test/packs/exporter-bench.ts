import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Labels } from '../../lib/model/labels.ts';
import { formatOf } from '../../lib/textparse/exposition-format.ts';
import { openPage } from '../../lib/textparse/open-page.ts';
import { Child, type ChildOptions } from '../e2e/child.ts';

/** Servers refuse to run as root, or should not. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Runs servers and exporters out of one folder of their own, on loopback, and ends them all. */
export class ExporterBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'tributary-exporter-'));
  readonly #children: Child[] = [];

  constructor() {
    this.#giveAway(this.folder);
  }

  /** The program's path must have been found before. */
  start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
    const options: ChildOptions = {
      cwd: this.folder,
      env: { ...process.env, HOME: this.folder, ...env },
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
    };
    const child = new Child(find(program) ?? program, args, options);
    this.#children.push(child);
    return child;
  }

  /** A folder below the bench's own. */
  makeFolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    this.#giveAway(path);
    return path;
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    this.#giveAway(path);
    return path;
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.map(endAtOnce));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #giveAway(path: string): void {
    if (isRoot) chownSync(path, NOBODY, NOBODY);
  }
}

/** PostgreSQL gives its shared memory back when it may quit; whoever does not within a few seconds is not asked again. */
async function endAtOnce(child: Child): Promise<void> {
  child.signal('SIGQUIT');
  await Promise.race([child.ended, sleep(5_000, undefined, { ref: false })]);
  await child.end('SIGKILL');
}

/** Where a program is, also where Debian keeps those that are not on everybody's path. */
export function find(program: string): string | undefined {
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres).map((version) => join(postgres, version, 'bin')) : [];
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/lib/rabbitmq/bin', ...versions];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** Says something to a server as soon as it listens, and resolves with what it has answered when `done` is content. */
export async function tell(port: number, text: string, done: (answer: string) => boolean): Promise<string> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(100)) {
    const answer = await converse(port, text, done).catch(() => '');
    if (done(answer)) return answer;
  }
  throw new Error(`nothing fitting comes from port ${port} when told ${JSON.stringify(text)}`);
}

function converse(port: number, text: string, done: (answer: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, end);
    socket.on('error', reject);
    socket.on('close', end);
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (done(answer)) end();
    });
  });
}

/** Every sample of the pages, with the label that says which target it is of. */
export async function scrape(urls: readonly string[]): Promise<Labels[]> {
  const pages = await Promise.all(urls.map(readPage));
  return pages.flat();
}

async function readPage(url: string): Promise<Labels[]> {
  const response = await fetch(url, { headers: { accept: 'text/plain;version=0.0.4' } });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  const page = openPage(
    new Uint8Array(await response.arrayBuffer()),
    formatOf(response.headers.get('content-type') ?? ''),
  );
  const found: Labels[] = [];
  for (let entry = page.next(); entry !== undefined; entry = page.next()) {
    if (entry === 'sample') found.push(Labels.from([...page.series.labels, { name: 'instance', value: url }]));
  }
  return found;
}
