import { describe, expect, it } from 'vitest';
import { expand, mistakesOf, relabelOf } from './expand.ts';

const FAILED = `
  - kind: requestError
    name: kafka-errors
    source: kafka
    request_type: outbound
    metric: kafka_producer_record_error_total
    type: counter
    context: '{topic}'
    errors: [{type: server_errors, when: ''}]`;

describe('requestError', () => {
  it('gives failures that have a metric of their own', () => {
    expect(expand(FAILED)).toBe(
      'asserts:error:total{source=kafka request_type=outbound error_type=server_errors} = kafka_producer_record_error_total',
    );
    expect(relabelOf(FAILED)).toBe(
      '[__name__, topic] kafka_producer_record_error_total;(?P<topic>.+) -> asserts_request_context: ${topic}',
    );
  });

  it('gives error rates of a gauge', () => {
    expect(expand(FAILED.replace('type: counter', 'type: gauge\n    multiply: 60'))).toBe(
      'asserts:error:gauge{source=kafka request_type=outbound error_type=server_errors} = kafka_producer_record_error_total * 60',
    );
  });

  it('wants at least one kind of failure', () => {
    expect(mistakesOf(FAILED.replace(/ +errors:.*/, ''))).toBe(
      "signals.yml:3: signals[0].errors: is missing; give the types of failures, such as [{type: server_errors, when: ''}]",
    );
  });
});
