import MarkdownIt from 'markdown-it';
import type { Prose } from '../contracts/document.js';
import { trust, type TrustedHtml } from './trusted-html.js';

/** Headings of authored prose begin below those of the page. */
const HEADINGS_DOWN = 3;

function createRenderer() {
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
  markdown.disable('image');
  markdown.validateLink = (url) => /^(?:https?:\/\/|mailto:|#)/i.test(url.trim());
  for (const rule of ['heading_open', 'heading_close'] as const)
    markdown.renderer.rules[rule] = (tokens, index, options, _env, self) => {
      const token = tokens[index];
      if (token) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + HEADINGS_DOWN)}`;
      return self.renderToken(tokens, index, options);
    };
  markdown.renderer.rules['table_open'] = () =>
    '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n';
  markdown.renderer.rules['table_close'] = () => '</table></div>\n';
  return markdown;
}

const markdown = createRenderer();

/** Authored Markdown as HTML: no raw HTML, no images, links by a list of schemes. */
export function renderProse(prose: Prose): TrustedHtml {
  return trust(markdown.render(prose.markdown));
}
