import { basename } from 'node:path';
import { parseCsv } from './csv-file.js';
import type { CsvField } from './csv-file.js';
import { didYouMean } from './nearest.js';
import { UserError, throwAll } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** Columns before those of the alternatives. `criterion` and `better` are needed. */
const COLUMNS = ['criterion', 'unit', 'better', 'worst', 'best', 'weight'] as const;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/iu;

/**
 * A decision table in CSV, in the shape that the same table has in YAML. A line is a criterion; columns are `criterion`, `better` (`higher`
 * or `lower`), any of `unit`, `worst`, `best` and `weight`, and one for each alternative. A figure is a number, `low..likely..high`,
 * or empty where there is none. The weights are points that sum to 100; without a column of weights nothing is known of them.
 */
export function parseCsvTable(text: string, file: string): YamlFile {
  const [header, ...lines] = parseCsv(text, file);
  if (header === undefined) {
    throw new UserError({
      code: 'syntax',
      message: 'is empty',
      where: { file, line: 1, column: 1 },
      expected: 'a line of column names',
    });
  }
  const columns = new Map(header.map((field, index) => [field.text, index]));
  throwAll(headerFaults(header, file));
  const named = header.filter(({ text }) => !(COLUMNS as readonly string[]).includes(text));
  const places = new Map<string, CsvField>();
  const place = (path: FieldPath, field: CsvField): void => void places.set(JSON.stringify(path), field);
  const errors: UserError[] = [];
  named.forEach((field, index) => place(['alternatives', index], field));

  const points: Record<string, unknown> = {};
  const weighed = columns.has('weight');
  const criteria = lines.map((line, index) => {
    const path = ['criteria', index];
    const [start] = line;
    place(path, start);
    errors.push(...lengthFaults(line, header, file));
    const cell = (column: string): CsvField | undefined => line[columns.get(column) ?? -1];
    const criterion: Record<string, unknown> = {};
    for (const column of COLUMNS) {
      const field = cell(column);
      if (field === undefined || field.text === '') continue;
      if (column === 'weight') continue;
      const key = column === 'criterion' ? 'id' : column;
      criterion[key] = column === 'worst' || column === 'best' ? numberOf(field) : field.text;
      place([...path, key], field);
    }
    const weight = cell('weight');
    if (weight !== undefined) {
      points[cell('criterion')!.text] = numberOf(weight);
      place(['profiles', 0, 'weights', 'points', cell('criterion')!.text], weight);
    }
    criterion['figures'] = Object.fromEntries(
      named.map(({ text: id }) => {
        const field = cell(id);
        if (field !== undefined) place([...path, 'figures', id], field);
        return [id, field === undefined ? null : figureOf(field)];
      }),
    );
    return criterion;
  });
  throwAll(errors);
  if (weighed) place(['profiles', 0, 'weights', 'points'], header[columns.get('weight')!]);
  return {
    file,
    value: {
      title: basename(file),
      alternatives: named.map(({ text: id }) => id),
      criteria,
      profiles: [{ id: 'default', weights: weighed ? { points } : { unknown: true } }],
    },
    position(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const field = places.get(JSON.stringify(path.slice(0, length)));
        if (field !== undefined) return { line: field.line, column: field.column };
      }
      return { line: 1, column: 1 };
    },
  };
}

function headerFaults(header: readonly CsvField[], file: string): readonly UserError[] {
  const at = (
    { line, column }: CsvField,
    message: string,
    expected: string,
    code: 'syntax' | 'duplicate' = 'syntax',
    hint?: string,
  ) =>
    new UserError({ code, message, where: { file, line, column }, expected, ...(hint === undefined ? {} : { hint }) });
  const errors: UserError[] = [];
  if (header[0].text !== 'criterion') {
    errors.push(
      at(
        header[0],
        `the first column is "${header[0].text}"`,
        '"criterion", then the other columns',
        'syntax',
        didYouMean(header[0].text, ['criterion']),
      ),
    );
  }
  const seen = new Set<string>();
  for (const field of header) {
    if (field.text === '') errors.push(at(field, 'a column has no name', 'the name of an alternative'));
    else if (seen.has(field.text))
      errors.push(at(field, `"${field.text}" is there twice`, 'each column once', 'duplicate'));
    seen.add(field.text);
  }
  return errors;
}

function lengthFaults(line: readonly CsvField[], header: readonly CsvField[], file: string): readonly UserError[] {
  if (line.length === header.length) return [];
  const { line: number, column } = line.at(-1)!;
  return [
    new UserError({
      code: 'syntax',
      message: `has ${line.length} fields`,
      where: { file, line: number, column },
      expected: `${header.length}, as many as there are columns`,
    }),
  ];
}

/** A number, or the text as it stands, which the check of the shape then names. */
function numberOf({ text }: CsvField): number | string {
  return NUMBER.test(text) ? Number(text) : text;
}

function figureOf(field: CsvField): unknown {
  if (field.text === '') return null;
  const parts = field.text.split('..').map((part) => part.trim());
  if (parts.length === 3 && parts.every((part) => NUMBER.test(part))) {
    const [low, likely, high] = parts.map(Number);
    return { low, likely, high };
  }
  return numberOf(field);
}
