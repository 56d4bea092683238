import type { z } from 'zod';
import { fault } from './check.js';
import type { settingsOf } from './platform-settings.js';
import type { UserError } from './user-error.js';
import type { YamlFile } from './yaml-file.js';

/** Bytes of an entry of a radix table; a table is one page. */
const ENTRY_BYTES = 8;

/** log2 of the entries of one table: 9 with pages of 4 KiB. */
export const radixIndexBits = (pageBytes: number): number => Math.log2(pageBytes / ENTRY_BYTES);

/** The level whose entries map runs of this size: 0 for single pages. Not whole where the tables have no such size. */
export const radixLevel = (bytes: number, pageBytes: number): number =>
  Math.log2(bytes / pageBytes) / radixIndexBits(pageBytes);

/** Sizes that the entries of the tables cannot have. */
export function wrongRadix(source: YamlFile, settings: z.output<(typeof settingsOf)['radix']>): readonly UserError[] {
  const pageSize = settings.pageSize.value;
  const { tableLevels, largestPage } = settings;
  const isSize = (bytes: number): boolean => {
    const level = radixLevel(bytes, pageSize);
    return Number.isInteger(level) && level >= 0 && level < tableLevels.value;
  };
  const expected = `pageSize, or ${2 ** radixIndexBits(pageSize)} times a size that entries have`;
  const errors: UserError[] = [];
  const wrong = (path: readonly (string | number)[], message: string, wanted: string): void => {
    errors.push(fault(source, path, { code: 'inconsistent', message, expected: wanted }));
  };
  if (!isSize(largestPage.value)) {
    wrong(['settings', 'largestPage', 'value'], `${largestPage.value} B is no size of an entry`, expected);
  }
  for (const name of ['tlb', 'secondTlb', 'nestedTlb'] as const) {
    const arrays = settings[name].value;
    for (const [index, { pageBytes }] of arrays.entries()) {
      const path = ['settings', name, 'value', index];
      if (!isSize(pageBytes)) wrong(path, `${pageBytes} B is no size of an entry`, expected);
      else if (index > 0 && arrays[index - 1].pageBytes >= pageBytes)
        wrong(path, 'is no larger than the size before', 'sizes in ascending order');
    }
  }
  return errors;
}
