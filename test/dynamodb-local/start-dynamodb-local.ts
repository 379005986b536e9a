import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface DynamoDbLocal {
  readonly url: string;
  stop(): Promise<void>;
}

const ON_LOOPBACK = fileURLToPath(new URL('on-loopback.java', import.meta.url));
const MAX_START_MS = 55_000;

/**
 * Amazon's DynamoDB for one machine, in memory, on the loopback interface. `folder` holds its jars, as
 * `npm run dynamodb-local` or Amazon's archive leaves them.
 */
export async function startDynamoDbLocal(folder: string): Promise<DynamoDbLocal> {
  const folders = [resolve(folder), join(resolve(folder), 'DynamoDBLocal_lib')];
  const java = spawn(
    'java',
    [
      '-Xmx512m',
      `-Djava.library.path=${folders.join(delimiter)}`,
      '-cp',
      folders.map((path) => join(path, '*')).join(delimiter),
      ON_LOOPBACK,
    ],
    // It ends when its standard input does, so it does not outlive these tests however they end.
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const port = await portOf(java);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((done) => {
        java.once('exit', () => done());
        java.stdin?.end();
      }),
  };
}

/** Why DynamoDB Local cannot be run, and what to do; undefined where it can. */
export function whyNoDynamoDbLocal(folder: string | undefined): string | undefined {
  if (folder === undefined) return 'DYNAMODB_LOCAL_DIR is not set; CONTRIBUTING.md says how';
  if (!existsSync(folder) || !readdirSync(folder).some((file) => /^DynamoDBLocal.*\.jar$/.test(file))) {
    return `DYNAMODB_LOCAL_DIR is ${folder}, where no DynamoDBLocal.jar is; npm run dynamodb-local fetches it`;
  }
  const { status } = spawnSync('javac', ['-version']);
  return status === 0 ? undefined : 'no JDK can be run; install one of version 17 or later';
}

function portOf(java: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => {
      java.kill();
      reject(new Error(`cannot start DynamoDB Local: ${why}\n${said}`));
    };
    const timer = setTimeout(() => fail(`nothing within ${MAX_START_MS} ms`), MAX_START_MS);
    const hear = (text: Buffer) => {
      said += text;
      const [, port] = /^listening on (\d+)$/m.exec(said) ?? [];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(port);
    };
    java.stdout?.on('data', hear);
    java.stderr?.on('data', hear);
    java.once('error', (error) => fail(error.message));
    java.once('exit', (code) => {
      clearTimeout(timer);
      fail(`it ended with ${code}`);
    });
  });
}
