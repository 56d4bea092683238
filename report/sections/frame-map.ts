import type { FrameMapOwner, RunFrameMap } from '../../contracts/frame-map.js';
import type { FrameMapChart } from '../../contracts/frame-map-chart.js';
import type { ReportTable } from '../../contracts/report-table.js';
import { formatQuantity, formatShare, listOf } from '../format.js';
import { whyAbsent } from '../run-index.js';
import { absentCell, columns, figureCell } from '../table.js';
import type { AlternativeRuns } from './metrics.js';

/** Cells of a row. */
const COLUMNS = 32;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

type Bank = FrameMapChart['banks'][number];
type Owner = FrameMapChart['owners'][number];

/** The maps of an alternative's run with the platform's own costs. */
interface Kept {
  readonly short: string;
  readonly maps: readonly RunFrameMap[];
  /** Why there are none, or empty. */
  readonly absent: string;
}

const keptIn = ({ alternative, runs }: AlternativeRuns): Kept => {
  const maps = runs.find(({ draw }) => draw === 0)?.frameMaps ?? [];
  const { text, note } = whyAbsent(runs);
  return { short: alternative.short, maps, absent: maps.length > 0 ? '' : note === '' ? text : `${text}, ${note}` };
};

const sizeOf = (bytes: number): string => {
  if (bytes === 0) return '0';
  if (bytes >= GIB && bytes % GIB === 0) return formatQuantity(bytes / GIB, 'GiB');
  return bytes < MIB ? formatQuantity(bytes / 1024, 'KiB') : formatQuantity(bytes / MIB, 'MiB');
};

const keyOf = ({ use, name }: FrameMapOwner): string => `${use}\0${name}`;

const ORDER: readonly FrameMapOwner['use'][] = [
  'domain',
  'near',
  'far',
  'shared',
  'hypervisor',
  'tables',
  'domain tables',
  'free',
  'offline',
];

const LOOKS: Readonly<Record<FrameMapOwner['use'], Owner['look']>> = {
  domain: 'domain',
  near: 'near',
  far: 'far',
  shared: 'domain',
  'domain tables': 'hypervisor',
  tables: 'hypervisor',
  hypervisor: 'hypervisor',
  free: 'free',
  offline: 'offline',
};

/** All who have memory in any map: domains as they first appear, then the hypervisor, then what nobody has. */
const ownersOf = (maps: readonly RunFrameMap[]): readonly FrameMapOwner[] => {
  const found = new Map<string, FrameMapOwner>();
  for (const { owners } of maps)
    for (const owner of owners) if (!found.has(keyOf(owner))) found.set(keyOf(owner), owner);
  return [...found.values()].toSorted((one, other) => ORDER.indexOf(one.use) - ORDER.indexOf(other.use));
};

/** A bank at its first byte. */
interface PlacedBank extends Bank {
  readonly start: number;
  readonly end: number;
}

/** Every bank that is there in any map, in ascending order, with what lies below it. */
const banksOf = (maps: readonly RunFrameMap[]): readonly PlacedBank[] => {
  const found = new Map<number, PlacedBank>();
  for (const { banks, pageBytes, cellFrames } of maps)
    for (const { first, frames, node } of banks) {
      const start = first * pageBytes;
      const title = node === null ? '' : `node ${node}, `;
      const cells = Math.ceil(frames / cellFrames);
      found.set(start, { start, end: start + frames * pageBytes, title, cells });
    }
  const all = [...found.values()].toSorted((one, other) => one.start - other.start);
  return all.map((bank, at) => {
    const hole = bank.start - (all[at - 1]?.end ?? 0);
    const below = hole > 0 ? `hole of ${sizeOf(hole)}, ` : '';
    return { ...bank, title: all.length === 1 ? '' : `${bank.title}${below}from ${sizeOf(bank.start)}` };
  });
};

/** What each owner has at each moment, an alternative a group. */
const figures = (id: string, workload: string, all: readonly Kept[], owners: readonly FrameMapOwner[]): ReportTable => {
  const moments = [...new Set(all.flatMap(({ maps }) => maps.map(({ moment }) => moment)))];
  return {
    id: `${id}-figures`,
    caption: `Who has the memory of the host in “${workload}”, in figures`,
    columns: columns(['Owner', ...moments], moments),
    groups: all.map(({ short, maps, absent }) => ({
      title: short,
      rows: owners.map((owner) => ({
        title: owner.name,
        note: '',
        cells: moments.map((moment) => {
          const map = maps.find((each) => each.moment === moment);
          if (map === undefined) return absentCell(absent === '' ? 'not reached' : absent);
          const number = map.owners.findIndex((each) => keyOf(each) === keyOf(owner));
          const frames = map.banks.reduce((sum, { counts }) => sum + (counts[number] ?? 0), 0);
          const installed = map.banks.reduce((sum, bank) => sum + bank.frames, 0);
          return figureCell(sizeOf(frames * map.pageBytes), formatShare(frames / installed));
        }),
      })),
    })),
  };
};

/** In words, who has most at each moment. */
const inWords = ({ short, maps, absent }: Kept): string => {
  if (absent !== '') return `${short}: ${absent}`;
  const told = maps.map(({ moment, owners, banks, pageBytes }) => {
    const sizes = owners.map(({ name }, number) => ({
      name,
      bytes: banks.reduce((sum, { counts }) => sum + counts[number], 0) * pageBytes,
    }));
    const most = sizes.filter(({ bytes }) => bytes > 0).toSorted((one, other) => other.bytes - one.bytes);
    return `${moment} ${listOf(most.map(({ name, bytes }) => `${name} ${sizeOf(bytes)}`))}`;
  });
  return `${short}: ${told.join('; ')}`;
};

/** Who had the memory of a host at the moments that a run kept, under each alternative; null when none kept any. */
export function frameMapChart(
  anchor: string,
  workload: string,
  alternatives: readonly AlternativeRuns[],
): FrameMapChart | null {
  const all = alternatives.map(keptIn);
  const maps = all.flatMap((each) => each.maps);
  if (maps.length === 0) return null;
  const owners = ownersOf(maps);
  const numbers = new Map(owners.map((owner, number) => [keyOf(owner), number]));
  const banks = banksOf(maps);
  const isMixed = maps.some((map) => map.banks.some(({ cells }) => cells.some(([, owner]) => owner < 0)));
  const cells = [...new Set(maps.map(({ cellFrames, pageBytes }) => sizeOf(cellFrames * pageBytes)))];
  const id = `${anchor}-frame-map`;
  return {
    kind: 'frame map',
    id,
    title: 'Who has the memory of the host',
    context: workload,
    description:
      `Memory from low addresses to high, in rows from left to right, as the frame table has it. A cell is ${listOf(cells)} and shows who ` +
      'has more than half of it, by the numbers below; a part without a number is too small for it. A spot in a cell says who has most of ' +
      'the rest. The figures count every frame.',
    summary: `${all.map(inWords).join('. ')}.`,
    columns: COLUMNS,
    owners: [
      ...owners.map((owner) => ({ label: owner.name, look: LOOKS[owner.use] })),
      ...(isMixed ? [{ label: 'nobody has more than half', look: 'mixed' as const }] : []),
    ],
    banks: banks.map(({ title, cells: count }) => ({ title, cells: count })),
    panels: all.map(({ short, maps: own, absent }) => ({
      title: short,
      absent,
      maps: own.map((map) => ({
        moment: map.moment,
        banks: banks.map(({ start }) => {
          const bank = map.banks.find(({ first }) => first * map.pageBytes === start);
          const numberOf = (owner: number): number => numbers.get(keyOf(map.owners[owner])) ?? -1;
          return (
            bank?.cells.map(
              ([count, owner, rest]) =>
                [count, owner < 0 ? owners.length : numberOf(owner), rest < 0 ? -1 : numberOf(rest)] as const,
            ) ?? null
          );
        }),
      })),
    })),
    table: figures(id, workload, all, owners),
  };
}
