import { startSqsServer } from '../../local/sqs-server.ts';

/** A queue server in a process of its own, so that a test can kill it. Prints its URL. */
const { url } = await startSqsServer({ folder: process.argv[2] ?? '' });
process.stdout.write(`${url}\n`);
