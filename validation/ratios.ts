import type { Case } from './case.js';

/**
 * Rows of a host that is not known well enough for its figures to be stated, where two ways were measured side by side: what
 * can be scored is how they compare. A case each for the ratio and for which of them was faster.
 */
const COMPARED = [
  { row: 'NUMA-08', of: 'blind', to: 'aware', faster: 'higher' },
  { row: 'NUMA-11', of: 'blind', to: 'aware', faster: 'lower' },
] as const;

const PLACES = 1000;

/** The cases that follow from cases of the data files. */
export const ratioCases = (cases: readonly Case[]): Case[] =>
  COMPARED.flatMap(({ row, of, to, faster }) =>
    cases
      .filter(({ id }) => id.startsWith(`published/${row}/${of}/`))
      .flatMap((one): Case[] => {
        const place = one.id.split('/').at(-1)!;
        const other = cases.find(({ id }) => id === `published/${row}/${to}/${place}`);
        if (typeof one.expected !== 'number' || typeof other?.expected !== 'number') return [];
        const ratio = one.expected / other.expected;
        const isFaster = faster === 'higher' ? ratio > 1 : ratio < 1;
        const shared = { ...one, unit: '' };
        return [
          { ...shared, id: `published/${row}/ratio/${place}`, expected: Math.round(ratio * PLACES) / PLACES },
          { ...shared, id: `published/${row}/faster/${place}`, expected: isFaster ? of : to },
        ];
      }),
  );
