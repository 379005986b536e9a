import { describe, expect, it } from 'vitest';
import { parseRelabelFile } from '../../lib/rules/parse-relabel-file.ts';

describe('parseRelabelFile', () => {
  it('reads configs with the lines they begin on', () => {
    const { configs } = parseRelabelFile(
      'x.yml',
      'relabel_configs:\n  - target_label: a\n    replacement: 1\n  - {regex: b, action: labeldrop}\n',
    );
    expect(configs.map(({ line, config }) => [line, config.action, config.replacement])).toEqual([
      [2, 'replace', '1'],
      [4, 'labeldrop', '$1'],
    ]);
  });

  it('reports every mistake with its line', () => {
    const text = 'relabel_configs:\n  - source_labels: [a]\n  - target_label: a\n    action: nope\n    modulus: x\n';
    expect(() => parseRelabelFile('x.yml', text)).toThrow(
      [
        'x.yml:2: relabel_configs[0].target_label: is required for action replace; name the label to write',
        'x.yml:5: relabel_configs[1].modulus: must be a whole number, got "x"',
        'x.yml:4: relabel_configs[1].action: unknown action "nope"',
      ].join('\n'),
    );
  });

  it('wants the key', () => {
    expect(() => parseRelabelFile('x.yml', '- target_label: a')).toThrow(
      'x.yml:1: must be a map with the keys relabel_configs',
    );
  });
});
