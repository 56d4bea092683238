import { type Domain, type Finding, isFinding } from '../../engine/index.js';
import type { Case, CaseBook } from '../case.js';
import { banksOf, bootDomain0, built, countRuns, recordedHost, runGuest } from '../scenes/arm-host.js';
import { PAGES_A_MEBIBYTE } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'xen-arm/placement';

export const armPlacement: Prediction = {
  id: 'arm-placement',
  title: 'Hosts boot as Xen on Arm does, and a direct domain0 of each size is placed from their heap, or refused.',
  covers: [START],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const one of book.under(START)) {
      const asked = one.conditions['ask MiB'] ?? /\/not monotone\/.*\/(\d+)$/u.exec(one.id)?.[1];
      if (asked === undefined) continue;
      const placed = place(one, Number(asked));
      const actual = read(one, placed);
      const note = isFinding(placed) ? placed.detail : banksOf(placed).join(', ');
      if (actual !== null) outcomes.set(one.id, { actual, note });
    }
    for (const [id, outcome] of translated()) outcomes.set(id, outcome);
    return outcomes;
  },
};

/** A guest of 744 MiB that the tools build beside a domain0 of 256 MiB, which is not recorded: it is what leaves room for it. */
const translated = (): [string, Outcome][] => {
  const arm = recordedHost(1024, [], 'tools');
  built(bootDomain0(arm, 256));
  const guest = runGuest(arm, 744 * PAGES_A_MEBIBYTE, 'tools');
  const beside = 'beside a domain0 of 256 MiB, which is not recorded';
  return [
    [`${START}/translated instead/runs`, { actual: countRuns(guest), note: beside }],
    [
      `${START}/translated instead/pages left`,
      {
        actual: arm.host.heap.freeFrames,
        note: `${beside}; what is off is unexplained, most of it in the rows of memory overhead too`,
      },
    ],
  ];
};

const place = ({ conditions }: Case, askMiB: number): Domain | Finding => {
  const held = String(conditions['another domain holds'] ?? '')
    .split('+')
    .filter((range) => range !== '')
    .map((range) => range.split('-').map((address) => Number.parseInt(address, 16)))
    .map(([start, end]) => ({ start, end }));
  return bootDomain0(recordedHost(Number(conditions['host MiB']), held), askMiB);
};

/** The figure that a case asks for; null where the outcome has no such figure. */
const read = ({ id }: Case, placed: Domain | Finding): string | number | null => {
  if (id.startsWith(`${START}/not monotone/`)) return isFinding(placed) ? 'refused' : 'granted';
  if (id.endsWith('/banks')) return isFinding(placed) ? 'refused' : banksOf(placed).join(', ');
  if (id.endsWith('/refused')) return String(isFinding(placed));
  const unallocated = isFinding(placed) ? /: (\d+) MiB unallocated$/u.exec(placed.detail) : null;
  return id.endsWith('/unallocated MiB') && unallocated !== null ? Number(unallocated[1]) : null;
};
