import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { escapeMarkup } from '../escape.js';
import { trust, type TrustedHtml } from '../trusted-html.js';
import { shortPath } from './short-path.js';
import { FONT_SIZE } from './style.js';
import { textWidth } from './text-widths.js';

// Without a canvas Vega takes text for up to 1.7 times its width. Its typings leave this setting out.
Object.assign((vega as unknown as { readonly textMetrics: object }).textMetrics, {
  width: (item: { readonly fontSize?: number }, text: string | number | null | undefined) =>
    textWidth(String(text ?? ''), item.fontSize ?? FONT_SIZE),
});

type Logger = NonNullable<NonNullable<Parameters<typeof compile>[1]>['logger']>;

function throwingLogger(chart: string): Logger {
  const fault = (...messages: readonly unknown[]): never => {
    throw new Error(`chart ${chart}: ${messages.map(String).join(' ')}`);
  };
  const logger = {
    level: () => logger,
    error: fault,
    warn: fault,
    info: () => logger,
    debug: () => logger,
  } as unknown as Logger;
  return logger;
}

const GEOMETRY = / (d|transform|x|y|x1|x2|y1|y2|width|height|points)="([^"]*)"/g;
/** What the root says for all, what is the default, and what only a script would read. */
const NEEDLESS =
  / (?:font-family="[^"]*"|font-size="12px"|opacity="1"|stroke-width="1"|fill-opacity="1"|pointer-events="none"|role="graphics-[^"]*"|aria-[a-z]+="[^"]*"|class="[^"]*"|[xy]2="0"|transform="translate\(0,0\)")/g;
const EMPTY =
  /<path(?: class="[^"]*")? aria-hidden="true" d="(?:M0,0h0v0h0Z|)"[^>]*\/>|<path class="background" aria-hidden="true" d="[^"]*"\/>/g;

function rounded(tag: string): string {
  return tag.replace(GEOMETRY, (_, name: string, value: string) => {
    const short = value.replace(/-?\d+\.\d+(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2)) + 0));
    return ` ${name}="${name === 'd' ? shortPath(short) : short}"`;
  });
}

function prefixed(tag: string, prefix: string): string {
  return tag.replace(/ id="([^"]*)"/g, ` id="${prefix}-$1"`).replace(/url\(#([^)]*)\)/g, `url(#${prefix}-$1)`);
}

/** Shortens the tags, takes out groups that say nothing, and leaves the text between the tags as it is. */
function tidy(svg: string, prefix: string): string {
  const kept: boolean[] = [];
  return svg.replace(EMPTY, '').replace(/<[^>]*>/g, (tag) => {
    if (tag === '</g>') return kept.pop() ? tag : '';
    const short = rounded(prefixed(tag.replace(NEEDLESS, ''), prefix));
    if (!/^<g[ >]/.test(short)) return short;
    kept.push(short !== '<g>');
    return short === '<g>' ? '' : short;
  });
}

/** What a reader who does not see the picture is told. */
export interface SvgWords {
  readonly title: string;
  /** What it is of, where the title alone does not say; may be empty. */
  readonly context: string;
  readonly description: string;
  readonly summary: string;
}

/**
 * Draws a Vega-Lite specification as SVG: the same bytes for the same input. Ids begin with `idPrefix`, so that several
 * pictures can stand on one page. A warning of the compiler is a fault of the specification, and thrown.
 */
export async function renderSvg(spec: TopLevelSpec, idPrefix: string, words: SvgWords): Promise<TrustedHtml> {
  const compiled = compile(spec, { logger: throwingLogger(idPrefix) });
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logLevel: vega.Error });
  const drawn = await view.toSVG();
  view.finalize();
  const size = /viewBox="([^"]*)"/.exec(drawn)?.[1] ?? '0 0 0 0';
  const [, , width = '0', height = '0'] = size.split(' ');
  const body = drawn.slice(drawn.indexOf('>') + 1);
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${size}" width="${width}" height="${height}" font-size="${FONT_SIZE}" ` +
    `role="img" aria-labelledby="${idPrefix}-title ${idPrefix}-description">` +
    `<title id="${idPrefix}-title">${escapeMarkup(words.context ? `${words.title}: ${words.context}` : words.title)}</title>` +
    `<desc id="${idPrefix}-description">${escapeMarkup(`${words.description} ${words.summary}`)}</desc>`;
  return trust(head + tidy(body, idPrefix));
}
