import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '../../../lib/api/status-page/html.ts';

describe('html', () => {
  it('escapes every text, and no markup twice', () => {
    const inner = html`<b>${'<&>'}</b>`;
    expect(html`<p title="${`"'`}">${inner}${[1, '<i>']}</p>`.toString()).toBe(
      '<p title="&#34;&#39;"><b>&#60;&#38;&#62;</b>1&#60;i&#62;</p>',
    );
  });

  it('lets no text end an element or an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [, attribute, content] =
          /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(`${html`<p title="${text}">${text}</p>`}`) ?? [];
        expect(content).toBe(attribute);
        expect(content?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))).toBe(text);
      }),
    );
  });
});
