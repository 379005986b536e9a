import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import { parseExpiry } from '../config/token-schema.ts';
import { TOKEN_SCOPES } from '../context/tenant.ts';
import { parseDuration } from '../promql/duration.ts';
import { CommandError } from './command-error.ts';
import { createToken, describeToken, showToken } from './create-token.ts';
import { deploymentOf, withDeployment } from './deployment.ts';
import type { Terminal } from './terminal.ts';
import { type TokenEntry, withClosedToken, withoutToken, withToken } from './token/edit-config.ts';
import { deployedUses, tokenTable } from './token/list-tokens.ts';
import { tokenStates, type WrittenTokens } from './token/token-states.ts';

/** `tributary token create|list|revoke`. */
export function addToken(program: Command, terminal: Terminal): void {
  const token = program.command('token').description('credentials of tenants');
  addCreate(token, terminal);
  addList(token, terminal);
  addRevoke(token, terminal);
}

interface CreateOptions {
  readonly scope: readonly string[];
  readonly source?: readonly string[];
  readonly expires?: string;
  readonly write?: boolean;
  readonly tenant?: string;
  readonly config: string;
}

function addCreate(token: Command, terminal: Terminal): void {
  token
    .command('create <name>')
    .description('print a new token, once, and the lines for tributary.yml; the token itself is stored nowhere')
    .addOption(
      new Option('-s, --scope <scopes...>', 'what it may be used for').choices(TOKEN_SCOPES).default(['write']),
    )
    .option('--source <sources...>', 'bind it to these sources; a token with scope write writes as the first')
    .option('--expires <when>', 'a date (midnight UTC), a time, or a time from now such as 90d', readExpiry)
    .option('-w, --write', 'add the lines to the configuration; its comments stay')
    .option('--tenant <tenant>', 'whose token it is, where there are several')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .action((name: string, options: CreateOptions) => {
      const { token: secret, sha256 } = createToken();
      const { scope: scopes, source: sources, expires } = options;
      const entry = { name, sha256, scopes, ...(sources && { sources }), ...(expires !== undefined && { expires }) };
      if (options.write !== true) return terminal.write(describeToken(secret, entry));
      const tenant = addToFile(entry, options, terminal);
      terminal.write(`${showToken(secret)}\nAdded to tenant ${tenant} in ${options.config}; deploy to open it.\n`);
    });
}

/** @returns the tenant that it was added to */
function addToFile(entry: TokenEntry, options: CreateOptions, terminal: Terminal): string {
  const text = readFile(options.config);
  const written = tokenStates(options.config, text, terminal.environment, Date.now());
  const tenant = tenantOf(written, options.tenant);
  if (written.tokens.some((one) => one.tenant === tenant && one.name === entry.name)) {
    throw new CommandError(
      `tenant ${tenant} has a token ${entry.name}; take another name, or revoke --remove it first`,
    );
  }
  const writesAs = entry.scopes.includes('write') ? writtenSource(written, tenant, entry.sources) : undefined;
  writeChecked(options.config, withToken(text, tenant, entry, writesAs), terminal);
  return tenant;
}

function writtenSource({ writable }: WrittenTokens, tenant: string, wanted: readonly string[] | undefined): string {
  const sources = writable.get(tenant) ?? [];
  const [first, ...others] = wanted?.filter((name) => sources.includes(name)) ?? sources;
  if (first !== undefined && (wanted !== undefined || others.length === 0)) return first;
  const known = sources.join(', ') || 'none';
  throw new CommandError(`say which remote_write source it writes as, with --source; tenant ${tenant} has ${known}`);
}

interface TokenOptions {
  readonly tenant?: string;
  readonly config: string;
}

function addList(token: Command, terminal: Terminal): void {
  const command = token
    .command('list')
    .description('the tokens of the configuration and their state; with --url also when each was last used')
    .option('--tenant <tenant>', 'of this tenant alone')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml');
  withDeployment(command).action(async (options: TokenOptions & { readonly url?: string; readonly token?: string }) => {
    const { tokens } = tokenStates(options.config, readFile(options.config), terminal.environment, Date.now());
    const deployment = deploymentOf(options, terminal.environment);
    const uses = deployment === undefined ? undefined : await deployedUses(deployment);
    const wanted = tokens.filter(({ tenant }) => options.tenant === undefined || tenant === options.tenant);
    terminal.write(tokenTable(wanted, uses));
    if (uses === undefined)
      terminal.write('Last uses are told by a deployment: --url, and --token with scope admin.\n');
  });
}

function addRevoke(token: Command, terminal: Terminal): void {
  token
    .command('revoke <name>')
    .description('close a token in the configuration: nobody can use it once that is deployed')
    .option('--remove', 'remove it altogether, and its name from the sources')
    .option('--tenant <tenant>', 'whose token it is, where there are several')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .action((name: string, { remove, tenant: wanted, config }: TokenOptions & { readonly remove?: boolean }) => {
      const text = readFile(config);
      const tenant = tenantOf(tokenStates(config, text, terminal.environment, Date.now()), wanted);
      const today = new Date().toISOString().slice(0, 10);
      const edited = remove === true ? withoutToken(text, tenant, name) : withClosedToken(text, tenant, name, today);
      writeChecked(config, edited, terminal);
      const what = remove === true ? 'Removed' : 'Closed';
      terminal.write(`${what} token ${name} of tenant ${tenant} in ${config}; it works until that is deployed.\n`);
    });
}

function tenantOf({ writable }: WrittenTokens, wanted: string | undefined): string {
  const tenants = [...writable.keys()];
  const [only, ...others] = wanted === undefined ? tenants : tenants.filter((name) => name === wanted);
  if (only !== undefined && others.length === 0) return only;
  const ask = wanted === undefined ? 'name a tenant with --tenant' : `there is no tenant ${JSON.stringify(wanted)}`;
  throw new CommandError(`${ask}; there are ${tenants.join(', ')}`);
}

/**
 * Puts the new text in the place of the file at once, and only if it is a right configuration.
 * @throws MistakesError; the file is as it was then
 */
function writeChecked(file: string, text: string, { environment }: Terminal): void {
  const beside = `${file}.new`;
  writeFileSync(beside, text);
  try {
    loadConfig(beside, { environment });
  } catch (error) {
    rmSync(beside);
    throw new CommandError(
      `${file} stays as it is, for it would be wrong:\n${(error as Error).message.replaceAll(beside, file)}`,
    );
  }
  renameSync(beside, realpathSync(file));
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}; name the file with --config`);
  }
}

/** As it is written into the file: a date or a time. */
function readExpiry(text: string): string {
  const until = parseExpiry(text);
  if (until !== undefined && until <= Date.now()) {
    throw new InvalidArgumentError('nobody could use it: that is in the past');
  }
  if (until !== undefined) return text;
  const fromNow = parseDuration(text);
  if (fromNow === undefined || fromNow <= 0) {
    throw new InvalidArgumentError('must be a date such as 2027-01-01, a time, or a time from now such as 90d');
  }
  return new Date(Date.now() + fromNow).toISOString().replace(/\.\d+Z$/, 'Z');
}
