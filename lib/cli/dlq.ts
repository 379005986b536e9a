import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from './command-error.ts';
import { type DeadLetter, DeadLetterQueue } from './dlq/dead-letter-queue.ts';
import { describeDeadLetter, listLine, readDeadLetter } from './dlq/describe-dead-letter.ts';
import { LOCAL_ADDRESS_FILE } from './dlq/local-address.ts';
import type { Terminal } from './terminal.ts';

/** `tributary dlq list|show|replay`: what no worker could process. */
export function addDlq(program: Command, terminal: Terminal): void {
  const dlq = program.command('dlq').description('dead letters: messages that no worker could process');
  addList(dlq, terminal);
  addShow(dlq, terminal);
  addReplay(dlq, terminal);
}

interface Where {
  readonly queueUrl?: string;
  readonly stack?: string;
  readonly region?: string;
  readonly data?: string;
  readonly limit: number;
}

function withQueue(command: Command): Command {
  return command
    .option('--queue-url <url>', 'the queue of dead letters (output DeadLettersUrl of the stack)')
    .option('--stack <name>', 'the stack whose dead letters they are, such as tributary-prod')
    .option('--region <region>', 'of the stack; default: as the AWS SDK finds it')
    .option('--data <folder>', 'the data folder of a local server that runs')
    .option('--limit <number>', 'how many are looked at', readCount, 1000);
}

function addList(dlq: Command, terminal: Terminal): void {
  const command = dlq.command('list').description('the dead letters and their errors, oldest first');
  withQueue(command).action((where: Where) =>
    withLetters(where, async (_, letters) => {
      for (const letter of letters) terminal.write(listLine(readDeadLetter(letter)));
      terminal.write(letters.length === 0 ? 'No dead letters.\n' : `${letters.length} dead letters.\n`);
      terminal.write(furtherLetters(letters, where));
      return letters;
    }),
  );
}

function addShow(dlq: Command, terminal: Terminal): void {
  const command = dlq
    .command('show <id>')
    .description('one dead letter: its error, where it came from, and its series')
    .option('--series <number>', 'how many series are shown', readCount, 20);
  withQueue(command).action((id: string, where: Where & { readonly series: number }) =>
    withLetters(where, async (_, letters) => {
      for (const letter of chosen(letters, [id])) {
        terminal.write(describeDeadLetter(readDeadLetter(letter), where.series));
      }
      return letters;
    }),
  );
}

function addReplay(dlq: Command, terminal: Terminal): void {
  const command = dlq
    .command('replay [ids...]')
    .description('send dead letters back to their queue once their cause is gone; each is deleted after it is sent')
    .option('--all', 'all of them')
    .option('--to <url>', 'the queue they go to; default: the one they came from');
  withQueue(command).action(
    (ids: readonly string[], where: Where & { readonly all?: boolean; readonly to?: string }) => {
      if ((ids.length === 0) === (where.all !== true))
        throw new CommandError('name dead letters by their ids, or --all');
      return withLetters(where, async (queue, letters) => {
        const wanted = where.all === true ? letters : chosen(letters, ids);
        const to = wanted.length === 0 ? '' : (where.to ?? (await queue.source()));
        const left = new Set(letters);
        for (const letter of wanted) {
          await queue.replay(letter, to);
          left.delete(letter);
          terminal.write(`${letter.record.messageId} is back in its queue\n`);
        }
        terminal.write(`${wanted.length} dead letters replayed, ${left.size} left.\n${furtherLetters(letters, where)}`);
        return [...left];
      });
    },
  );
}

/**
 * Runs `work` with all letters in hand, and puts back those that it returns, or all where it fails.
 * @throws CommandError
 */
async function withLetters(
  where: Where,
  work: (queue: DeadLetterQueue, letters: readonly DeadLetter[]) => Promise<readonly DeadLetter[]>,
): Promise<void> {
  const queue = await DeadLetterQueue.open(addressOf(where));
  let inHand: readonly DeadLetter[] = [];
  try {
    inHand = await queue.take(where.limit);
    inHand = await work(queue, inHand);
  } finally {
    await queue.putBack(inHand);
    queue.close();
  }
}

function addressOf({ queueUrl, stack, region, data }: Where) {
  const given = [queueUrl, stack, data].filter((one) => one !== undefined);
  if (given.length !== 1) throw new CommandError('say where: one of --queue-url, --stack and --data');
  if (data !== undefined) return { queueUrl: localAddress(data) };
  return {
    ...(queueUrl !== undefined && { queueUrl: checkedUrl(queueUrl) }),
    ...(stack !== undefined && { stack }),
    ...(region !== undefined && { region }),
  };
}

function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new CommandError(`${JSON.stringify(url)} is no URL of a queue`);
}

function localAddress(folder: string): string {
  try {
    return readFileSync(join(folder, LOCAL_ADDRESS_FILE), 'utf8').trim();
  } catch {
    throw new CommandError(`no local server runs with the data folder ${folder}: start it, or name another folder`);
  }
}

/** What counts do not tell where not all letters were looked at. */
function furtherLetters({ length }: readonly DeadLetter[], { limit }: Where): string {
  return length < limit ? '' : `There may be more: only ${limit} were looked at (--limit).\n`;
}

/** By id, or by the first characters of one; each once. */
function chosen(letters: readonly DeadLetter[], ids: readonly string[]): DeadLetter[] {
  const found = ids.map((id) => {
    const matching = letters.filter(({ record }) => record.messageId.startsWith(id));
    const [letter, ...others] = matching;
    if (letter !== undefined && others.length === 0) return letter;
    const what = matching.length === 0 ? 'there is no dead letter' : `there are ${matching.length} dead letters`;
    throw new CommandError(`${what} ${id} among ${letters.length}; \`tributary dlq list\` names them`);
  });
  return [...new Set(found)];
}

function readCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('must be a number above 0');
}
