import type { Command } from 'commander';
import { ApiError } from '../api/api-error.ts';
import { Params } from '../api/params/params.ts';
import { rangeOf } from '../api/query-range.ts';
import { loadConfig } from '../config/load-config.ts';
import { newSecretReader } from '../config/secret-reader.ts';
import type { QuerySource } from '../context/tenant.ts';
import { askOnDemand, type OnDemandAnswer, type OnDemandQuery } from '../pipeline/query-source-on-demand.ts';
import { newRemoteClient } from '../remote/remote-client.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { answerTable } from './answer-table.ts';
import { CommandError } from './command-error.ts';
import { findSource } from './find-source.ts';
import type { Terminal } from './terminal.ts';

interface QueryCommandOptions {
  readonly config: string;
  readonly time?: string;
  readonly start?: string;
  readonly end?: string;
  readonly step?: string;
  readonly timeout?: string;
  readonly format: 'json' | 'table';
}

/** Adds `tributary query`: what `POST /api/v1/sources/<name>/query` does, from here. */
export function addQuery(program: Command, terminal: Terminal): void {
  program
    .command('query <source> <expr>')
    .description('run one expression on the server of a query source, now, at a time or over a range')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .option('--time <time>', 'RFC 3339, or seconds since 1970; default now')
    .option('--start <time>', 'of a range')
    .option('--end <time>', 'of a range; default now')
    .option('--step <duration>', 'of a range, such as 1m or 15; default 1m')
    .option('--timeout <duration>', 'such as 5s; default that of the source, and never more')
    .addOption(formatOption(program))
    .action(async (wanted: string, query: string, options: QueryCommandOptions) => {
      const { environment } = terminal;
      const config = loadConfig(options.config, { environment });
      const { source } = findSource(config, wanted);
      if (source.type !== 'query') {
        throw new CommandError(`source ${source.name} is of type ${source.type}; only query sources can be asked`);
      }
      const { data, warnings, infos } = await ask(source, { query, ...timesOf(options) }, environment);
      for (const note of [...warnings, ...infos]) terminal.complain(`${note}\n`);
      terminal.write(options.format === 'table' ? answerTable(data) : envelope({ data, warnings, infos }));
    });
}

function formatOption(program: Command) {
  return program.createOption('--format <format>', 'what is printed').choices(['json', 'table']).default('json');
}

async function ask(
  source: QuerySource,
  asked: OnDemandQuery,
  environment: Terminal['environment'],
): Promise<OnDemandAnswer> {
  const { url, access } = source;
  const client = newRemoteClient({ url, access, secret: newSecretReader(environment) });
  try {
    return await askOnDemand(client, source, asked);
  } catch (error) {
    throw error instanceof RemoteError ? new CommandError(`source ${source.name}: ${error.message}`) : error;
  } finally {
    client.close();
  }
}

/** @throws CommandError for what is no time, or no sensible range */
function timesOf({ time, start, end, step, timeout }: QueryCommandOptions): Pick<OnDemandQuery, 'at' | 'timeout'> {
  const isRange = start !== undefined;
  if (!isRange && (end !== undefined || step !== undefined)) throw new CommandError('--end and --step need a --start');
  if (isRange && time !== undefined) throw new CommandError('--time is for one time, and --start for a range');
  const now = Date.now();
  const written = { time, start, end: end ?? String(now / 1000), step: step ?? '1m', timeout };
  const given = Object.entries(written).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const params = new Params(new URLSearchParams(given));
  try {
    const at = isRange ? rangeOf(params) : params.timeOr('time', now);
    return timeout === undefined ? { at } : { at, timeout: params.duration('timeout') };
  } catch (error) {
    throw error instanceof ApiError ? new CommandError(error.message) : error;
  }
}

/** As the HTTP API answers. */
function envelope({ data, warnings, infos }: OnDemandAnswer): string {
  const notes = { ...(warnings.length > 0 && { warnings }), ...(infos.length > 0 && { infos }) };
  return `${JSON.stringify({ status: 'success', data, ...notes }, null, 2)}\n`;
}
