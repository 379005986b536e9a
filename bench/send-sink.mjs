/** Answers every call as SQS answers a batch of one message that it has taken. Says its port to the parent. */
import { createServer } from 'node:http';

const answer = JSON.stringify({ Successful: [{ Id: '0', MessageId: 'sink', MD5OfMessageBody: '' }], Failed: [] });
const server = createServer((request, response) => {
  request
    .resume()
    .on('end', () => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(answer));
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
