import { describe, it } from 'vitest';
import { remoteWriteSuite } from '../suites/remote-write.suite.ts';

/**
 * The receiver suite against any receiver:
 * `RECEIVER_URL=http://host/api/v1/write RECEIVER_USER=… RECEIVER_PASSWORD=… npx vitest run test/receiver/any-url.test.ts`.
 * `RECEIVER_LEVEL=must` leaves out what is our choice and not the specification's demand.
 */
const { RECEIVER_URL: url, RECEIVER_USER: user, RECEIVER_PASSWORD: password, RECEIVER_LEVEL: level } = process.env;

describe(`receiver at ${url ?? 'no URL'}`, () => {
  if (url === undefined) {
    it.skip('is tested when RECEIVER_URL names it');
    return;
  }
  remoteWriteSuite({
    url: () => url,
    ...(user === undefined || password === undefined ? {} : { credentials: { user, password } }),
    levels: level === 'must' ? ['must'] : level === 'should' ? ['must', 'should'] : ['must', 'should', 'choice'],
  });
});
