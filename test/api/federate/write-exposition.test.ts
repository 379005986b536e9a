import { describe, expect, it } from 'vitest';
import { ESCAPINGS, type Escaping } from '../../../lib/api/federate/escape-name.ts';
import type { FederatedSample } from '../../../lib/api/federate/federated-sample.ts';
import { writeExposition } from '../../../lib/api/federate/write-exposition.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { type CaptureVersion, capture, itWithCaptures } from '../captures.ts';

describe('writeExposition', () => {
  it('writes the special values, escapes label values, and gives an empty instance to who has none', () => {
    const labels = Labels.from({ __name__: 'x', path: '/a"b\\c\nd' });
    const values = [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1234567];
    const samples = values.map((value, i) => ({ labels, timestamp: i, value }));
    const series = 'x{path="/a\\"b\\\\c\\nd",instance=""}';
    expect(page(samples)).toBe(
      `# TYPE x untyped\n${series} 0 0\n${series} NaN 1\n${series} +Inf 2\n${series} -Inf 3\n${series} 5e-324 4\n` +
        `${series} 1.234567e+06 5\n`,
    );
  });

  it('writes a bare name with its empty instance', () => {
    expect(page([{ labels: Labels.from({ __name__: 'up' }), timestamp: 1, value: 1 }])).toBe(
      '# TYPE up untyped\nup{instance=""} 1 1\n',
    );
  });

  for (const escaping of ESCAPINGS) {
    const name = escaping === 'allow-utf-8' ? 'allow' : escaping;
    itWithCaptures(`writes UTF-8 names with escaping ${escaping} as Prometheus`, () => {
      const { text, headers } = capture('3.5', `federate_utf8_${name}`);
      expect(headers.get('content-type')).toBe(`text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`);
      const labels = { __name__: 'utf8.metric.name', instance: '127.0.0.1:19397', job: 'nh', 'label.with.dots': 'é' };
      const sample = { labels: Labels.from(labels), timestamp: 1795348558211, value: 6 };
      expect(page([sample], escaping)).toBe(withoutExternalLabels(text));
    });
  }

  const pages: readonly [CaptureVersion, string][] = [
    ['2.42', 'federate_up'],
    ['2.42', 'federate_synth'],
    ['2.42', 'federate_rules'],
    ['2.42', 'federate_all'],
    ['3.5', 'federate_nh_text'],
    ['3.5', 'federate_all'],
  ];
  for (const [version, name] of pages) {
    itWithCaptures(`reproduces ${name} of Prometheus ${version}`, () => {
      const text = withoutExternalLabels(capture(version, name).text);
      expect(page(readPage(text))).toBe(text);
    });
  }
});

function page(samples: readonly FederatedSample[], escaping: Escaping = 'allow-utf-8'): string {
  let text = '';
  writeExposition({ write: (part) => (text += part) }, samples, escaping);
  return text;
}

/** The servers behind the captures had external labels, which Tributary has not. */
function withoutExternalLabels(text: string): string {
  return text.replace(/,(?:cluster="c[13]"|replica="r0"|__replica__="r1")/g, '');
}

/** Samples of a page that Prometheus wrote: its labels are sorted, so text order is label order. */
function readPage(text: string): FederatedSample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', body = '', value = '', time = ''] = /^([^{]*)\{(.*)\} (\S+) (\d+)$/.exec(line) ?? [];
      const pairs = [...body.matchAll(/(?:^|,)(?:"([^"]+)"|(\w+))(?:="((?:[^"\\]|\\.)*)")?/g)];
      const labels = pairs.map(([, quoted = '', plain = '', escaped]) =>
        escaped === undefined
          ? { name: '__name__', value: quoted }
          : { name: quoted || plain, value: JSON.parse(`"${escaped}"`) as string },
      );
      const named = name === '' ? labels : [{ name: '__name__', value: name }, ...labels];
      return { labels: Labels.from(named), timestamp: Number(time), value: Number(value.replace('Inf', 'Infinity')) };
    });
}
