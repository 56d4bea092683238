import MarkdownIt from 'markdown-it';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { packageRoot } from '../../input/package-root.js';
import { escapeMarkdown, escapeMarkup } from '../../report/escape.js';
import { nameInSentence } from '../../report/format.js';
import { renderProse } from '../../report/render-prose.js';
import { renderReport } from '../../report/write.js';
import { smallInput } from './fixtures/small.js';

const HOSTILE = {
  script: '<script>alert(1)</script>',
  image: '"><img src=x onerror=alert(1)>',
  pipe: 'a|b',
  mustache: '{{constructor}} {{{x}}}',
  quotes: `"double" 'single' \`back\``,
  markdown: '[x](javascript:alert(1)) ![y](http://example.org/y.png) **b** # h',
  attribute: 'x opacity="1" id="y" url(#z)',
  long: 'W'.repeat(400),
  rightToLeft: 'שלום (P2M)',
} as const;

const templates = join(packageRoot(), 'templates');
const plain = await renderReport(smallInput(), templates);

function tagsOf(html: string): readonly string[] {
  return html.match(/<[a-zA-Z!/][^>]*>/g) ?? [];
}

/** Tags of the page outside charts, whose lines depend on the width of text. */
function skeleton(html: string): readonly string[] {
  return tagsOf(html.replace(/<svg xmlns[^]*?<\/svg>/g, '<svg></svg>')).map((tag) => tag.replace(/="[^"]*"/g, '=""'));
}

describe.each(Object.entries(HOSTILE))('titles with %s', (_, hostile) => {
  const made = renderReport(
    smallInput((title) => `${title} ${hostile}`),
    templates,
  );

  test('change no tag of the page', async () => {
    const files = await made;
    expect(skeleton(files.get('index.html') ?? '')).toEqual(skeleton(plain.get('index.html') ?? ''));
  });

  test('stand in the page as they were written', async () => {
    const files = await made;
    const html = (files.get('index.html') ?? '')
      .replace(/&#x3D;/g, '=')
      .replace(/&#x60;/g, '`')
      .replace(/&#x27;/g, '&#39;');
    expect(html).toContain(`Stay, move or wait? ${escapeMarkup(hostile)}</h1>`);
  });

  test('add no tag but text to a chart', async () => {
    const files = await made;
    for (const [name, content] of files) {
      if (!name.endsWith('.svg')) continue;
      const tags = new Set(tagsOf(content).map((tag) => /^<[/?!]?\w+/.exec(tag)?.[0]));
      expect(
        [...tags].filter((tag) => !/^<[/?]?(?:xml|svg|title|desc|style|g|path|line|text|rect|tspan)$/.test(tag ?? '')),
      ).toEqual([]);
      expect(tagsOf(content).filter((tag) => / on\w+=/.test(tag))).toEqual([]);
    }
  });

  test('break no table and add no link or image to the Markdown', async () => {
    const files = await made;
    const render = (text: string): string => new MarkdownIt({ html: true }).render(text);
    const shape = (text: string): readonly string[] => render(text).match(/<[a-z/][^\s>]*/g) ?? [];
    expect(shape(files.get('report.md') ?? '')).toEqual(shape(plain.get('report.md') ?? ''));
  });
});

describe('escaping for Markdown', () => {
  test('any text is read back as itself', () => {
    const markdown = new MarkdownIt({ html: true });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        const wanted = text.trim().replace(/ +/g, ' ');
        const html = markdown.render(`| h |\n| --- |\n| ${escapeMarkdown(text)} |\n`);
        const cell = /<td>([^]*)<\/td>/.exec(html)?.[1] ?? '';
        expect(cell.replace(/ +/g, ' ')).toBe(escapeMarkup(wanted).replaceAll('&#39;', "'"));
      }),
    );
  });
});

describe('authored prose', () => {
  test('has no raw HTML, no image and no link but to the web', () => {
    const html = renderProse({
      markdown:
        '<b onclick="x()">b</b> ![i](http://example.org/i.png) [s](javascript:x()) [d](data:text/html,x) [l](https://example.org)',
    }).html;
    expect(tagsOf(html)).toEqual([
      '<p>',
      '<a href="http://example.org/i.png">',
      '</a>',
      '<a href="https://example.org">',
      '</a>',
      '</p>',
    ]);
  });

  test('begins its headings below those of the page', () => {
    expect(renderProse({ markdown: '# one\n\n#### four' }).html).toBe('<h4>one</h4>\n<h6>four</h6>\n');
  });
});

test('a right-to-left name is isolated inside a sentence, others are left alone', () => {
  expect(nameInSentence(HOSTILE.rightToLeft)).toBe(`\u2068${HOSTILE.rightToLeft}\u2069`);
  expect(nameInSentence('P==M')).toBe('P==M');
});
