import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Rooms by floor. An import goes to the same room or to a lower floor, never sideways, never up. */
const FLOORS: readonly (readonly string[])[] = [
  ['lib/model', 'lib/wire'],
  ['lib/prompb', 'lib/textparse', 'lib/chunkenc', 'lib/relabel'],
  ['lib/storage', 'lib/queue'],
  ['lib/promql', 'lib/context', 'lib/cost'],
  ['lib/plan', 'lib/rules', 'lib/remote'],
  ['lib/pipeline'],
  ['lib/api', 'lib/lambda', 'lib/config', 'lib/cli'],
  ['functions', 'local'],
];

/** `lib/cli` and `local` are composition roots for people; what else they may reach beside lower floors. */
const EXTRA: Readonly<Record<string, readonly string[]>> = {
  'lib/plan': ['lib/rules'],
  'lib/cli': ['lib/config', 'lib/api'],
  local: ['functions'],
};

const AWS_ROOMS = [
  'functions/',
  'lib/lambda/',
  'lib/cli/dlq/',
  'lib/storage/dynamodb/',
  'lib/remote/sigv4.ts',
  'local/',
];
const BANNED_ROOMS = ['utils', 'helpers', 'common', 'shared', 'core', 'services', 'manager'];
const MAX_FILE_LINES = 500;

const files = ['functions', 'lib', 'local'].flatMap((top) => sources(join(root, top)));

describe('the house', () => {
  it('imports only downwards', () => {
    const violations = files.flatMap((file) =>
      localImports(file)
        .filter((target) => !mayImport(roomOf(file), roomOf(target)))
        .map((target) => `${file} (${roomOf(file)}) imports ${target} (${roomOf(target)})`),
    );
    expect(violations).toEqual([]);
  });

  it('knows the floor of every room', () => {
    expect(files.filter((file) => floorOf(roomOf(file)) < 0)).toEqual([]);
  });

  it('speaks to AWS only where it should', () => {
    const violations = files.filter(
      (file) =>
        /from '(@aws-sdk\/|@smithy\/|aws-lambda)/.test(read(file)) && !AWS_ROOMS.some((room) => file.startsWith(room)),
    );
    expect(violations).toEqual([]);
  });

  it('has no drawer for everything', () => {
    const rooms = new Set(files.flatMap((file) => dirname(file).split('/')));
    expect(BANNED_ROOMS.filter((room) => rooms.has(room))).toEqual([]);
  });

  it(`keeps files under ${MAX_FILE_LINES} lines and doors under 60`, () => {
    const long = files.filter((file) => {
      const lines = read(file).split('\n').length - 1;
      return lines > (file.startsWith('functions/') ? 60 : MAX_FILE_LINES);
    });
    expect(long).toEqual([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [relative(root, path)] : [];
  });
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function localImports(file: string): string[] {
  const specifiers = [...read(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1] as string);
  return specifiers.map((specifier) => relative(root, resolve(root, dirname(file), specifier)));
}

function roomOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'lib' ? `lib/${second}` : top;
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function mayImport(from: string, to: string): boolean {
  return from === to || floorOf(to) < floorOf(from) || (EXTRA[from] ?? []).includes(to);
}
