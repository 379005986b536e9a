import { histogramOfAnswer } from '../../../lib/remote/histogram-of-answer.ts';
import { fetchMetadata } from '../../../lib/remote/metadata.ts';
import { MalformedAnswerError, parseErrorEnvelope, parseQueryAnswer } from '../../../lib/remote/query-answer.ts';
import type { RemoteClient } from '../../../lib/remote/remote-client.ts';
import { RemoteError } from '../../../lib/remote/remote-error.ts';
import { asText, type FuzzTarget, readCorpus, readRecorded } from '../fuzz-target.ts';

const JSON_WORDS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\u0000',
    '\\ud800',
    'null',
    'true',
    '1e400',
    '-0',
    '"NaN"',
    '"+Inf"',
    '"1e3"',
  ],
  ...['"status"', '"success"', '"error"', '"data"', '"resultType"', '"matrix"', '"vector"', '"result"', '"metric"'],
  ...[
    '"values"',
    '"value"',
    '"histograms"',
    '"buckets"',
    '"__proto__"',
    '"constructor"',
    '[[[[',
    '{"a":',
    '1795347944',
  ],
];

/** What the user's servers answer. */
export const ANSWER_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'answers to queries',
    corpus: [...readCorpus('answers'), ...readRecorded(/^http.*\/q_.*\.body$/)],
    words: JSON_WORDS,
    refusals: [MalformedAnswerError],
    run: (input) => {
      const body = asText(input);
      parseErrorEnvelope(body);
      for (const { timestamps, values, histograms } of parseQueryAnswer(body, 10_000).series) {
        if (timestamps.length !== values.length) throw new Error('a series has more timestamps than values');
        for (const { histogram } of histograms) histogramOfAnswer(histogram);
      }
    },
  },
  {
    name: 'answers with metadata',
    corpus: [...readCorpus('metadata'), ...readRecorded(/^http.*\/metadata.*\.body$/)],
    words: [...JSON_WORDS, '"type"', '"counter"', '"help"', '"unit"'],
    refusals: [RemoteError],
    run: (input) => fetchMetadata(clientOf(input), { timeout: 1000, maxBytes: 1 << 20 }),
  },
];

function clientOf(body: Uint8Array): RemoteClient {
  return {
    url: 'http://fuzz.example',
    send: async () => ({ status: 200, headers: {}, body: Buffer.from(body) }),
    close: () => {},
  };
}
