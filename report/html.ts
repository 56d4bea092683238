import { createHash } from 'node:crypto';
import Handlebars from 'handlebars';
import type { ReportDocument } from '../contracts/document.js';
import { paletteCss } from './palette.js';
import type { DrawnChart } from './render-charts.js';
import { builtInHelpers, helperNames, templateHelpers } from './template-helpers.js';
import type { TemplateSources } from './templates.js';
import { trust } from './trusted-html.js';

/** Style of the page and the hash by which its security policy admits it. */
function styleOf(css: string) {
  const text = `\n${paletteCss()}${css}`;
  return { text: trust(text), hash: createHash('sha256').update(text).digest('base64') };
}

/** The document as one HTML page that needs no network and no script. */
export function renderHtml(
  document: ReportDocument,
  charts: ReadonlyMap<string, DrawnChart>,
  templates: TemplateSources,
): string {
  return renderPage(document, templates.page, charts, templates);
}

/** Data laid out by one of the templates of whole pages. */
export function renderPage(
  document: object,
  page: string,
  charts: ReadonlyMap<string, DrawnChart>,
  templates: TemplateSources,
): string {
  const handlebars = Handlebars.create();
  const style = styleOf(templates.css);
  handlebars.registerHelper({
    ...templateHelpers(charts),
    css: () => new Handlebars.SafeString(style.text.html),
  } as Handlebars.HelperDeclareSpec);
  handlebars.registerPartial({ ...templates.partials });
  const names = [...helperNames, 'css', ...builtInHelpers];
  const render = handlebars.compile<{ readonly document: object; readonly styleHash: string }>(page, {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(names.map((name) => [name, true])),
  });
  return render({ document, styleHash: style.hash });
}
