import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { newSecretReader } from '../config/secret-reader.ts';
import type { MetricFamily } from '../plan/unmapped/metric-family.ts';
import { CommandError } from './command-error.ts';
import { findSource } from './find-source.ts';
import type { Terminal } from './terminal.ts';
import { type Coverage, coverageOf } from './unmapped/coverage.ts';
import { describeCoverage, signalsFile } from './unmapped/describe-coverage.ts';
import { packReaders } from './unmapped/pack-readers.ts';
import { familiesOfPage, familiesOfServer } from './unmapped/read-families.ts';

interface UnmappedOptions {
  readonly config: string;
  readonly metrics?: string;
  readonly source?: string;
  readonly timeout: number;
  readonly signals?: boolean;
  readonly json?: boolean;
}

/** Adds `tributary unmapped`: which metrics no pack reads, and signals that could. */
export function addUnmapped(program: Command, { write, environment }: Terminal): void {
  program
    .command('unmapped')
    .description('list the metrics that no pack reads, with packs and signals that would')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .option('--metrics <file or url>', 'a page of metrics, such as http://127.0.0.1:8080/metrics')
    .option('--source <name>', 'a source whose servers can be asked (federation, query)')
    .addOption(new Option('--timeout <seconds>', 'for one question').argParser(seconds).default(10_000, '10'))
    .option('--signals', 'only the suggested signals, as a file')
    .option('--json', 'as JSON')
    .action(async (options: UnmappedOptions) => {
      const config = loadConfig(options.config, { environment });
      const families = await familiesFrom(config, options, environment);
      const coverage = coverageOf(families, packReaders(config));
      if (options.json) write(`${JSON.stringify(jsonOf(coverage), null, 2)}\n`);
      else write(options.signals ? signalsFile(coverage.suggestions) : describeCoverage(coverage));
    });
}

/** @throws CommandError when nobody can be asked, or does not answer */
async function familiesFrom(
  config: Config,
  { metrics, source: wanted, timeout }: UnmappedOptions,
  environment: Terminal['environment'],
): Promise<MetricFamily[]> {
  if ((metrics === undefined) === (wanted === undefined)) {
    throw new CommandError('say whose metrics: either --metrics with a file or URL, or --source with a name');
  }
  if (metrics !== undefined) return familiesOfPage(metrics, timeout);
  const { source } = findSource(config, wanted ?? '');
  if (source.type === 'remote_write') {
    throw new CommandError(
      `source ${source.name} is written to and cannot be asked; give --metrics with a URL of an application`,
    );
  }
  const { access } = source;
  const secret = newSecretReader(environment);
  const urls = source.type === 'query' ? [source.url] : source.servers;
  const found: MetricFamily[][] = [];
  for (const url of urls) found.push(await familiesOfServer({ url, access, secret, timeout }));
  return merged(found.flat());
}

/** Servers of one source mostly have the same metrics. */
function merged(families: readonly MetricFamily[]): MetricFamily[] {
  return [...new Map(families.toReversed().map((family) => [family.name, family])).values()].toReversed();
}

function jsonOf({ read, available, suggestions }: Coverage): object {
  const names = (families: readonly MetricFamily[]) => families.map(({ name }) => name);
  const packs = (covered: Coverage['read']) =>
    covered.map(({ pack, families }) => ({ pack, metrics: names(families) }));
  return {
    read: packs(read),
    available: packs(available),
    unread: suggestions.map(({ group, families, signals }) => ({ group, metrics: names(families), signals })),
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 120)) throw new InvalidArgumentError('It must be above 0 and at most 120.');
  return value * 1000;
}
