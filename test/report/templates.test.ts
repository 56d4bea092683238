import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../input/package-root.js';
import { buildDocument } from '../../report/document.js';
import { renderHtml } from '../../report/html.js';
import { readProse } from '../../report/prose.js';
import { drawCharts } from '../../report/render-charts.js';
import { helperNames } from '../../report/template-helpers.js';
import { readTemplates } from '../../report/templates.js';
import { isTrusted, trust } from '../../report/trusted-html.js';
import { smallInput } from './fixtures/small.js';

interface Lint {
  readonly lintTemplate: (source: string, name: string) => readonly string[];
  readonly markupHelpers: readonly string[];
  readonly textHelpers: readonly string[];
}

const root = packageRoot();
const templates = join(root, 'templates');
const { lintTemplate, markupHelpers, textHelpers } = (await import(
  pathToFileURL(join(root, 'tools', 'lint-templates.mjs')).href
)) as Lint;

describe('the lint of templates', () => {
  test.each([
    ['<p>{{{title}}}</p>', 'title is printed unescaped'],
    ['<p>{{& title}}</p>', 'title is printed unescaped'],
    ['<p>{{shout title}}</p>', 'unknown helper shout'],
    ['{{#repeat 3}}x{{/repeat}}', 'unknown block helper repeat'],
    ['<p class={{tone}}>', 'a value in an unquoted attribute: tone'],
    ['<p {{attributes}}>', 'a value among the attributes of a tag: attributes'],
    ['<a href="{{link}}">x</a>', 'a value at the start of href: link'],
    ['<p onclick="{{code}}">x</p>', 'a value in the handler onclick: code'],
    ['<p style="color: {{colour}}">x</p>', 'a value in a style attribute: colour'],
    ['<style>p { color: {{colour}} }</style>', 'a value in <style>: colour'],
    ['<p title="{{prose text}}">x</p>', 'markup in an attribute: prose'],
    ['<script>go()</script>', 'a script'],
    ['{{#each (keys x)}}{{this}}{{/each}}', 'a call inside a call: keys'],
    ['{{> (choose x)}}', 'a partial whose name is computed'],
  ])('finds a fault in %s', (source, fault) => {
    expect(lintTemplate(source, 't')).toContain(`t:1: ${fault}`);
  });

  test('finds a raw mustache planted in any shipped template', () => {
    const files = readdirSync(templates, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.hbs'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const source = readFileSync(join(templates, file), 'utf8');
      expect(lintTemplate(source, file)).toEqual([]);
      expect(lintTemplate(`${source}<p>{{{planted}}}</p>`, file).length, file).toBe(1);
    }
  });

  test('knows the helpers that the renderer has, and no others', () => {
    expect([...markupHelpers, ...textHelpers].toSorted()).toEqual([...helperNames, 'css'].toSorted());
  });
});

describe('rendering', () => {
  test('a name that the document does not have is a fault, not an empty place', async () => {
    const document = buildDocument(smallInput(), readProse(templates));
    const charts = await drawCharts(document);
    const sources = { ...readTemplates(templates), page: '{{document.nothing}}' };
    expect(() => renderHtml(document, charts, sources)).toThrow(/nothing/);
  });

  test('what merely looks like trusted markup is not', () => {
    expect(isTrusted(trust('<b></b>'))).toBe(true);
    expect(isTrusted({ html: '<b></b>' })).toBe(false);
    expect(isTrusted(JSON.parse(JSON.stringify(trust('<b></b>'))))).toBe(false);
  });
});
