import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadPacks } from '../config/compile-runtime.ts';
import { loadConfig } from '../config/load-config.ts';
import { newSecretReader } from '../config/secret-reader.ts';
import type { RemoteAccess } from '../context/remote-access.ts';
import { sideBySide } from '../pipeline/side-by-side.ts';
import { compilePlan } from '../plan/compile-plan.ts';
import { newRemoteClient } from '../remote/remote-client.ts';
import { baseUrl } from './base-url.ts';
import { CommandError } from './command-error.ts';
import { packNeeds } from './doctor/check-packs.ts';
import { describeFindings } from './doctor/describe-findings.ts';
import { examineIntake } from './doctor/examine-intake.ts';
import { examineSender } from './doctor/examine-sender.ts';
import { type Examination, examineFederation, examineServer } from './doctor/examine-server.ts';
import { type Examined, isBroken } from './doctor/finding.ts';
import { Probe } from './doctor/probe.ts';
import { type FoundSource, findSource } from './find-source.ts';
import type { Terminal } from './terminal.ts';

interface DoctorOptions {
  readonly config: string;
  readonly prometheus?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly token?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** Servers of one source under examination at a time. */
const MAX_SERVERS = 16;

/** All questions to one server together may take so many times the timeout of one. */
const TOTAL_TIMEOUTS = 6;

/** Adds `tributary doctor`: tests a source for real. Ends with 1 when something is broken. */
export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor <source>')
    .description('test a source for real: reach, credentials, clocks, packs, scope, series and cost, with remedies')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .option('--prometheus <url>', 'of a remote_write source: the server that sends', baseUrl)
    .option('--header <line>', 'for that server, "Name: value" with ${env:NAME}; repeatable', header)
    .option('--url <url>', 'of the deployed API, to ask what it received', baseUrl)
    .option('--token <token>', 'that may read there; default the variable TRIBUTARY_TOKEN')
    .addOption(new Option('--timeout <seconds>', 'for one question').argParser(seconds).default(10_000, '10'))
    .option('--json', 'findings as JSON')
    .action(async (wanted: string, options: DoctorOptions) => {
      const config = loadConfig(options.config, { environment: terminal.environment });
      const found = findSource(config, wanted);
      const plan = compilePlan({ packs: loadPacks(config) });
      const examination = { source: found.source, plan, needs: packNeeds(config) };
      const examined = await examineAll(found, examination, { ...options, environment: terminal.environment });
      const { tenant, source } = found;
      terminal.write(
        options.json
          ? `${JSON.stringify({ tenant: tenant.name, source: source.name, type: source.type, examined }, null, 2)}\n`
          : describeFindings(
              `Source ${source.name} (${source.type}) of tenant ${tenant.name}, plan ${plan.version}`,
              examined,
            ),
      );
      if (examined.some(isBroken)) throw new CommandError(`source ${source.name} has something that is broken`);
    });
}

type Asked = DoctorOptions & Pick<Terminal, 'environment'>;

/** @throws CommandError when there is nobody to ask */
async function examineAll(found: FoundSource, examination: Examination, asked: Asked): Promise<Examined[]> {
  const tasks = [...serverTasks(found, examination, asked), ...intakeTasks(found, examination, asked)];
  if (tasks.length > 0) return sideBySide(tasks, MAX_SERVERS, (task) => task());
  const ways = 'give --prometheus <url> of the server that sends, or --url <url> of the deployed API';
  throw new CommandError(`nobody can be asked about ${found.source.name}, which is written to: ${ways}`);
}

type Task = () => Promise<Examined>;

function serverTasks({ source }: FoundSource, examination: Examination, asked: Asked): Task[] {
  switch (source.type) {
    case 'query':
      return [() => withProbe(source.url, source.access, asked, (probe) => examineServer(probe, examination))];
    case 'federation':
      return source.servers.map(
        (server) => () =>
          withProbe(server, source.access, asked, (probe) => examineFederation(probe, { ...examination, source })),
      );
    case 'remote_write': {
      const { prometheus, url, header: headers = {} } = asked;
      if (prometheus === undefined) return [];
      return [
        () => withProbe(prometheus, { ...OPEN, headers }, asked, (probe) => examineSender(probe, url, examination)),
      ];
    }
  }
}

function intakeTasks({ tenant, source }: FoundSource, { plan }: Examination, asked: Asked): Task[] {
  const { url, token = asked.environment['TRIBUTARY_TOKEN'] } = asked;
  if (url === undefined) return [];
  const auth = token === undefined ? OPEN.auth : ({ type: 'basic', username: tenant.name, password: token } as const);
  return [() => withProbe(url, { ...OPEN, auth }, asked, (probe) => examineIntake(probe, { tenant, source, plan }))];
}

/** Who types a URL means it, wherever it leads; metadata services are never asked. */
const OPEN: RemoteAccess = { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: ['private', 'loopback'] };

async function withProbe(
  url: string,
  access: RemoteAccess,
  { timeout, environment }: Asked,
  examine: (probe: Probe) => Promise<Examined>,
): Promise<Examined> {
  const client = newRemoteClient({ url, access, secret: newSecretReader(environment) });
  try {
    return await examine(new Probe(client, { timeout, total: timeout * TOTAL_TIMEOUTS }));
  } finally {
    client.close();
  }
}

function header(line: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be "Name: value".');
  return { ...before, [name]: value };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 120)) throw new InvalidArgumentError('It must be above 0 and at most 120.');
  return value * 1000;
}
