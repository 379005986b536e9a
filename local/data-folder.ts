import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The folder that a local server keeps everything in: queue, tables and its write token. */
export interface DataFolder {
  readonly path: string;
  readonly queue: string;
  readonly tables: string;
  /** The secret itself; it is in the folder so that a second start accepts the same Prometheus. */
  readonly token: string;
}

const TOKEN_FILE = 'write-token';

/**
 * Opens a data folder, and makes it where it is missing.
 *
 * @throws Error saying what is wrong with the folder and what to do.
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return { path, queue: join(path, 'queue'), tables: join(path, 'tables'), token: await readToken(path) };
  } catch (error) {
    throw dataFolderError(path, error);
  }
}

/** Says in a user's words why a folder cannot be used. */
export function dataFolderError(path: string, error: unknown): Error {
  const { code, message, cause } = error as NodeJS.ErrnoException;
  const codes = [code, (cause as NodeJS.ErrnoException | undefined)?.code];
  const reason = codes.includes('LEVEL_LOCKED')
    ? 'another process uses it; stop that one'
    : codes.some((one) => one === 'EACCES' || one === 'EPERM' || one === 'EROFS')
      ? 'it cannot be written to; change its permissions'
      : `${message}; repair it`;
  return new Error(`cannot use data folder ${path}: ${reason}, or name another one with --data`, { cause: error });
}

/** Lower-case hex, as `tributary.yml` holds tokens. */
export function sha256Of(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

async function readToken(path: string): Promise<string> {
  const file = join(path, TOKEN_FILE);
  try {
    // `wx`: two starts at the same moment must not each believe in a token of their own.
    await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (token.length >= 32) return token;
  throw new Error(`${file} holds no token; delete it and start again`);
}
