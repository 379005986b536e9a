import { Command, InvalidArgumentError } from 'commander';
import { type Demo, startDemo } from './demo/demo.ts';
import { type LocalServer, startLocal } from './start.ts';
import { welcome } from './welcome.ts';

interface Options {
  readonly port: number;
  readonly host: string;
  readonly allowRemote?: boolean;
  readonly data: string;
  readonly config: string;
  readonly demo: boolean;
}

/** A server that does not end by itself is ended. */
const MAX_STOP_MS = 15_000;

/** One Ctrl-C in a terminal may arrive twice: from the terminal, and from npm, which passes it on. */
const REPEATED_SIGNAL_MS = 500;

const command = new Command('tributary')
  .description('Runs Tributary on this machine: the functions of AWS in front of a local queue and a local store.')
  .option('--port <number>', 'port of the HTTP API; 0 takes a free one', parsePort, 9201)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--allow-remote', 'let --host be reachable by other machines; reads need the token then')
  .option('--data <folder>', 'where everything is kept', '.data')
  .option('--config <file>', 'tenants, sources and packs', 'tributary.yml')
  .option('--no-demo', 'start without the simulated shop')
  .action(run);

await command.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

async function run(options: Options): Promise<void> {
  // The AWS clients would print a page of advice about Node 20 at each start.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const server = await startLocal({
    config: options.config,
    data: options.data,
    host: options.host,
    port: options.port,
    log: (line) => console.error(line),
    ...(options.allowRemote === true && { allowRemote: true }),
  });
  const hasDemo = options.demo && server.writes;
  console.log(welcome(server, { demo: hasDemo }));
  const demo = hasDemo ? startShop(server) : undefined;
  stopOnSignals(server, demo);
}

function startShop({ url, tenant, token }: LocalServer): Demo {
  return startDemo({ url, tenant, token, onError: ({ message }) => console.error(`demo: ${message}`) });
}

/** The first signal ends in good order, a later one at once. */
function stopOnSignals(server: LocalServer, demo: Demo | undefined): void {
  let stoppingSince: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stoppingSince !== undefined) {
        if (Date.now() - stoppingSince > REPEATED_SIGNAL_MS) process.exit(1);
        return;
      }
      stoppingSince = Date.now();
      stop(server, demo).catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : String(error));
        process.exit(1);
      });
    });
  }
}

async function stop(server: LocalServer, demo: Demo | undefined): Promise<void> {
  setTimeout(() => process.exit(1), MAX_STOP_MS).unref();
  console.log('\nStopping …');
  await demo?.stop();
  const { drained } = await server.stop();
  console.log(drained ? 'Everything is stored.' : 'Some messages wait in the queue for the next start.');
  process.exit(0);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('must be a number from 0 to 65535');
}
