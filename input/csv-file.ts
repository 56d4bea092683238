import { UserError } from './user-error.js';

/** A field of a CSV file, and where it begins. */
export interface CsvField {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The records of a CSV file: fields by commas, quotes around fields that have one, a quote inside written twice. Lines without any text are left out.
 * Source: RFC 4180. UserError for a quote that is not closed or that stands inside a field.
 */
export function parseCsv(text: string, file: string): readonly (readonly CsvField[])[] {
  const records: CsvField[][] = [];
  let record: CsvField[] = [];
  let [line, lineStart] = [1, text.startsWith('\ufeff') ? 1 : 0];
  const endRecord = (): void => {
    if (record.some((field) => field.text !== '')) records.push(record);
    record = [];
  };
  for (let at = lineStart; at <= text.length;) {
    const start = { line, column: at - lineStart + 1 };
    let field = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        if (at >= text.length)
          throw quoteFault(file, start, 'a quote is not closed', 'a quote at the end of the field');
        if (text[at] === '"' && text[at + 1] !== '"') break;
        if (text[at] === '\n') [line, lineStart] = [line + 1, at + 1];
        field += text[at];
        at += text[at] === '"' ? 2 : 1;
      }
      at += 1;
      if (at < text.length && !/[,\r\n]/u.test(text[at]))
        throw quoteFault(
          file,
          { line, column: at - lineStart + 1 },
          'text follows a closing quote',
          'a comma, or the end of the line',
        );
    } else {
      const end = nextOf(text, at);
      field = text.slice(at, end);
      if (field.includes('"'))
        throw quoteFault(
          file,
          start,
          'a quote stands inside a field',
          'the whole field in quotes, and a quote inside it twice',
        );
      at = end;
    }
    record.push({ text: field.trim(), ...start });
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    endRecord();
    if (at >= text.length) break;
    at += text.startsWith('\r\n', at) ? 2 : 1;
    [line, lineStart] = [line + 1, at];
  }
  return records;
}

function nextOf(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1)
    if (text[at] === ',' || text[at] === '\n' || text[at] === '\r') return at;
  return text.length;
}

function quoteFault(
  file: string,
  where: { readonly line: number; readonly column: number },
  message: string,
  expected: string,
): UserError {
  return new UserError({ code: 'syntax', message, where: { file, ...where }, expected });
}
