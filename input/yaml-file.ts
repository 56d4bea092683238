import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Alias, Document, Node, Pair } from 'yaml';
import { readText } from './text-file.js';
import { UserError, throwAll } from './user-error.js';

export type FieldPath = readonly (string | number)[];

/** A parsed YAML file that knows where each field stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** Where the value (or, for `key`, the name) at the path stands; the nearest field above it where there is none. */
  readonly position: (path: FieldPath, part: 'key' | 'value') => { readonly line: number; readonly column: number };
}

/** Aliases resolved at most: enough for shared sources, too few for an expansion that fills memory. */
const maxAliasCount = 100;

const deepestBrackets = 100;
const deepestIndent = 400;

/** Reads and parses a YAML file. UserError with every syntax error of it. */
export function readYaml(file: string): YamlFile {
  return parseYaml(readText(file), file);
}

/** As `readYaml`, from text already read. */
export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  refuseDeepNesting(text, file);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  throwAll(
    [...document.errors, ...document.warnings].map(
      (fault) =>
        new UserError({
          code: fault.code === 'DUPLICATE_KEY' ? 'duplicate' : 'syntax',
          message: firstLine(fault.message),
          where: { file, ...place(lines, fault.pos[0]) },
          expected: fault.code === 'DUPLICATE_KEY' ? 'each name once' : 'YAML 1.2',
        }),
    ),
  );
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    throw new UserError({
      code: 'syntax',
      message: 'is empty',
      where: { file, line: 1, column: 1 },
      expected: 'a YAML mapping',
    });
  }
  const value = plainValue(document, file, lines);
  return {
    file,
    value,
    position: (path, part) => place(lines, offsetOf(document, path, part)),
  };
}

/** The parser recurses, and V8 ends the process when the stack runs out inside a regular expression: so this is looked at first. */
function refuseDeepNesting(text: string, file: string): void {
  let depth = 0;
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text[offset];
    if (character === '[' || character === '{') depth += 1;
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
    if (depth <= deepestBrackets) continue;
    const lines = text.slice(0, offset).split('\n');
    throw tooComplex(file, { line: lines.length, column: (lines.at(-1) ?? '').length + 1 });
  }
  const line = text
    .split('\n')
    .findIndex((each) => each.length > deepestIndent && each.slice(0, deepestIndent).search(/[^ ?-]/u) < 0);
  if (line >= 0) throw tooComplex(file, { line: line + 1, column: deepestIndent + 1 });
}

function plainValue(document: Document.Parsed, file: string, lines: LineCounter): unknown {
  const aliases: Alias.Parsed[] = [];
  visit(document, {
    Alias: (_key, node) => {
      aliases.push(node as Alias.Parsed);
    },
  });
  const first = aliases[0]?.range[0] ?? 0;
  if (aliases.length > maxAliasCount) throw tooComplex(file, place(lines, first));
  for (const alias of aliases) {
    if (alias.resolve(document) !== undefined) continue;
    throw new UserError({
      code: 'unknown-name',
      message: `there is no anchor "&${alias.source}" above`,
      where: { file, ...place(lines, alias.range[0]) },
      expected: 'the name of an anchor that stands earlier in the file',
      hint: 'a text that starts with * has to stand in quotes',
    });
  }
  try {
    return document.toJS({ maxAliasCount });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw tooComplex(file, place(lines, first));
  }
}

function tooComplex(file: string, at: { readonly line: number; readonly column: number }): UserError {
  return new UserError({
    code: 'out-of-range',
    message: 'nests too deeply, or its aliases expand to too much',
    where: { file, ...at },
    expected: `at most ${maxAliasCount} aliases when all are expanded, ${deepestBrackets} open brackets and ${deepestIndent} columns of indentation`,
  });
}

/** yaml's messages show the source from the second line on; the position says that already. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0].replace(/ at line \d+, column \d+:?$/u, '');
}

function place(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function offsetOf(document: Document.Parsed, path: FieldPath, part: 'key' | 'value'): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, name] of path.entries()) {
    const pair = entryOf(document, node, name);
    if (pair === undefined) return offset;
    const wantsKey = part === 'key' && depth === path.length - 1;
    offset = (wantsKey || pair.value === null ? pair.key : pair.value)?.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}

function entryOf(
  document: Document.Parsed,
  node: Node | null,
  name: string | number,
): { readonly key: Node | null; readonly value: Node | null } | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target)) {
    const item = target.items[Number(name)] as Node | undefined;
    return item === undefined ? undefined : { key: item, value: item };
  }
  if (!isMap(target)) return undefined;
  const pair = target.items.find(({ key }) => isScalar(key) && String(key.value) === String(name)) as
    | Pair<Node, Node | null>
    | undefined;
  return pair === undefined ? undefined : { key: pair.key, value: pair.value };
}

/** `criteria[2].weights.cost` */
export function fieldName(path: FieldPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
