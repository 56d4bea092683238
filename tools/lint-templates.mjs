// Parses every template and exits 1 where one prints unescaped, uses an unknown helper, writes a value where escaping does
// not protect (an unquoted attribute, a handler, a style, a script, the start of a link), or runs a script.
// Usage: node tools/lint-templates.mjs [folder]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Handlebars from 'handlebars';

export const markupHelpers = ['bar', 'chart', 'css', 'prose', 'strength'];
export const textHelpers = ['cellClass', 'span'];
const blockHelpers = new Set(['each', 'if', 'unless', 'with']);

/** What is open after the markup so far: text, a tag, or a quoted value of the named attribute. */
function stateAfter(state, markup) {
  let { place, tag, attribute, quote } = state;
  for (let at = 0; at < markup.length; at++) {
    const character = markup[at];
    if (place === 'text') {
      const opened = /^<(\/?[a-zA-Z][\w-]*)/.exec(markup.slice(at));
      if (opened) [place, tag, at] = ['tag', opened[1].toLowerCase(), at + opened[0].length - 1];
    } else if (place === 'tag') {
      const named = /^([\w:-]+)=(["']?)/.exec(markup.slice(at));
      if (character === '>') place = 'text';
      else if (named) {
        [attribute, quote, at] = [named[1].toLowerCase(), named[2], at + named[0].length - 1];
        place = quote ? 'value' : 'unquoted';
      }
    } else if (place === 'value') {
      if (character === quote) place = 'tag';
    } else if (/[\s>]/.test(character)) place = character === '>' ? 'text' : 'tag';
  }
  const before = place === 'value' ? /[^"']*$/.exec(markup)[0] : '';
  return { place, tag, attribute, quote, before };
}

function placeFault(state, name) {
  if (state.place === 'unquoted') return 'a value in an unquoted attribute';
  if (state.place === 'tag') return 'a value among the attributes of a tag';
  if (state.place === 'value') {
    if (markupHelpers.includes(name)) return 'markup in an attribute';
    if (state.attribute.startsWith('on')) return `a value in the handler ${state.attribute}`;
    if (state.attribute === 'style') return 'a value in a style attribute';
    if (/^(?:href|src|action|formaction|xlink:href)$/.test(state.attribute) && !state.before.startsWith('#'))
      return `a value at the start of ${state.attribute}`;
  } else if (/^(?:script|style)$/.test(state.tag) && name !== 'css') return `a value in <${state.tag}>`;
  return null;
}

/** Faults of one template as `name:line: fault`. */
export function lintTemplate(source, name) {
  const faults = [];
  let state = { place: 'text', tag: '', attribute: '', quote: '', before: '' };
  const fault = (node, text) => faults.push(`${name}:${node.loc.start.line}: ${text}`);
  const isCall = (node) => node.params.length > 0 || node.hash !== undefined;
  const subexpressions = (node) => {
    for (const parameter of [...(node.params ?? []), ...(node.hash?.pairs.map((pair) => pair.value) ?? [])])
      if (parameter.type === 'SubExpression') fault(parameter, `a call inside a call: ${parameter.path.original}`);
  };
  const visit = (node) => {
    switch (node.type) {
      case 'Program':
        node.body.forEach(visit);
        break;
      case 'ContentStatement':
        if (/<script\b/i.test(node.value)) fault(node, 'a script');
        state = stateAfter(state, node.value);
        break;
      case 'MustacheStatement': {
        const called = node.path.original;
        if (!node.escaped) fault(node, `${called} is printed unescaped`);
        if (isCall(node) && ![...markupHelpers, ...textHelpers].includes(called))
          fault(node, `unknown helper ${called}`);
        const wrong = placeFault(state, called);
        if (wrong) fault(node, `${wrong}: ${called}`);
        subexpressions(node);
        break;
      }
      case 'BlockStatement': {
        if (!blockHelpers.has(node.path.original)) fault(node, `unknown block helper ${node.path.original}`);
        subexpressions(node);
        const before = state;
        visit(node.program);
        const after = state;
        state = before;
        if (node.inverse) visit(node.inverse);
        if (after.place !== state.place) fault(node, 'branches that end at different places of the markup');
        break;
      }
      case 'PartialStatement':
        if (node.name.type !== 'PathExpression') fault(node, 'a partial whose name is computed');
        subexpressions(node);
        break;
      case 'CommentStatement':
        break;
      default:
        fault(node, `${node.type} is not used here`);
    }
  };
  visit(Handlebars.parse(source));
  return faults;
}

/** Every template under a folder, as paths from it. */
function templatesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.hbs'))
    .toSorted();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'templates');
  const files = templatesIn(folder);
  const faults = files.flatMap((file) => lintTemplate(readFileSync(join(folder, file), 'utf8'), file));
  if (files.length === 0) faults.push(`no template under ${folder}`);
  if (faults.length) {
    console.error(faults.join('\n'));
    process.exit(1);
  }
}
