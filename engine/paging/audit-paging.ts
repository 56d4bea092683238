import { EntryFlag, isLeaf, isSet, entryFrame } from '../host/entry.js';
import { type RadixFormat, indexAt, pagesAt } from './format.js';
import type { NestedPaging, NestedSpace } from './nested-paging.js';
import type { PagingSpec, PagingUnit } from './paging-unit.js';
import type { AddressSpace, MachineTables } from './walk.js';

/** A cached entry that the tables would not give now. */
export interface StaleEntry {
  readonly cache: 'tlb' | 'walk cache' | 'nested tlb' | 'nested walk cache';
  readonly tag: number;
  readonly page: number;
  readonly detail: string;
}

/** A frame and what may be done with it, as the tables say; null when they do not map it. */
interface Answer {
  readonly frame: number;
  readonly level: number;
  readonly writable: boolean;
  readonly dirty: boolean;
}

type Locate = (frame: number) => Answer | null;

const inMachine: Locate = (frame) => ({ frame, level: Number.POSITIVE_INFINITY, writable: true, dirty: true });

/** The table at `level` on the page's way, by its entry above: its frame and its machine frame. Sets no flags. */
const slowTable = (
  spec: PagingSpec,
  root: number,
  page: number,
  level: number,
  locate: Locate,
): [number, Answer] | null => {
  if (level === spec.format.levels - 1) {
    const at = locate(root);
    return at === null ? null : [root, at];
  }
  const above = slowTable(spec, root, page, level + 1, locate);
  if (above === null) return null;
  const entry = slowEntry(spec.machine, spec.format, above[1].frame, page, level + 1);
  if (!isSet(entry, EntryFlag.present) || isLeaf(entry, level + 1)) return null;
  const at = locate(entryFrame(entry));
  return at === null ? null : [entryFrame(entry), at];
};

const slowEntry = (machine: MachineTables, format: RadixFormat, frame: number, page: number, level: number): number =>
  machine.entriesAt(frame)?.[indexAt(format, page, level)] ?? 0;

/** What the tables give for a page now, found without any cache. */
const slowWalk = (spec: PagingSpec, root: number, page: number, locate: Locate): Answer | null => {
  for (let level = spec.format.largestLeaf; level >= 0; level -= 1) {
    const table = slowTable(spec, root, page, level, locate);
    if (table === null) return null;
    const entry = slowEntry(spec.machine, spec.format, table[1].frame, page, level);
    if (!isLeaf(entry, level)) continue;
    return {
      frame: entryFrame(entry) + (page % pagesAt(spec.format, level)),
      level,
      writable: isSet(entry, EntryFlag.writable),
      dirty: !spec.setsFlags || isSet(entry, EntryFlag.dirty),
    };
  }
  return null;
};

/** Through both dimensions. */
const slowNestedWalk = (spec: PagingSpec, root: number, page: number, locate: Locate): Answer | null => {
  const guest = slowWalk(spec, root, page, locate);
  const machine = guest === null ? null : locate(guest.frame);
  if (guest === null || machine === null) return null;
  return {
    frame: machine.frame,
    level: Math.min(guest.level, machine.level),
    writable: guest.writable && machine.writable,
    dirty: guest.dirty && machine.dirty,
  };
};

interface Audited {
  readonly spec: PagingSpec;
  readonly names: readonly [tlb: StaleEntry['cache'], walkCache: StaleEntry['cache']];
  /** The root of a tag's tables, undefined for a tag of no space. */
  readonly rootOf: (tag: number) => number | undefined;
  readonly locate: (tag: number) => Locate;
  readonly translate: (tag: number, page: number) => Answer | null;
}

const auditTlb = ({ spec, names, rootOf, translate }: Audited): StaleEntry[] => {
  const { tlb } = spec;
  const stale: StaleEntry[] = [];
  if (tlb === null) return stale;
  for (let slot = 0; slot < tlb.slots; slot += 1) {
    const tag = tlb.tag[slot];
    if (tag < 0) continue;
    // The first page stands for all: where the tables have a smaller level there, that is reported.
    const page = tlb.prefix[slot] * pagesAt(spec.format, tlb.level[slot]);
    const report = (detail: string): void => void stale.push({ cache: names[0], tag, page, detail });
    if (rootOf(tag) === undefined) {
      report('has the tag of no address space');
      continue;
    }
    const now = translate(tag, page);
    const frame = tlb.frame[slot];
    if (now === null) report('is not mapped by the tables');
    else if (now.frame !== frame) report(`gives frame ${frame}, the tables give ${now.frame}`);
    else if (tlb.level[slot] > now.level) report(`is of level ${tlb.level[slot]}, the tables have ${now.level}`);
    else if (tlb.writable[slot] === 1 && !now.writable) report('is writable, the tables are not');
    else if (tlb.dirty[slot] === 1 && !now.dirty) report('skips a dirty flag that is clear');
  }
  return stale;
};

const auditWalkCache = ({ spec, names, rootOf, locate }: Audited): StaleEntry[] => {
  const { walkCache } = spec;
  const stale: StaleEntry[] = [];
  if (walkCache === null) return stale;
  for (let slot = 0; slot < walkCache.slots; slot += 1) {
    const tag = walkCache.tag[slot];
    if (tag < 0) continue;
    const level = walkCache.level[slot];
    const page = walkCache.prefix[slot] * pagesAt(spec.format, level);
    const report = (detail: string): void => void stale.push({ cache: names[1], tag, page, detail });
    const root = rootOf(tag);
    if (root === undefined) {
      report('has the tag of no address space');
      continue;
    }
    const now = slowTable(spec, root, page, level - 1, locate(tag));
    if (now === null) report(`points to a table of level ${level - 1} that is not there`);
    else if (now[0] !== walkCache.tableFrame[slot] || now[1].frame !== walkCache.machineFrame[slot])
      report(`points to frame ${walkCache.machineFrame[slot]}, the tables to ${now[1].frame}`);
    else if (walkCache.writable[slot] === 1 && !now[1].writable)
      report('sets flags in a table that is write-protected');
  }
  return stale;
};

const auditOne = (audited: Audited): StaleEntry[] => [...auditTlb(audited), ...auditWalkCache(audited)];

/**
 * Every cached entry of an MMU of one dimension that a slow walk of the tables would not give now. An entry that grants
 * less than the tables is sound: hardware walks again. `spaces` are all address spaces whose tags are in use.
 */
export const auditPaging = (unit: PagingUnit, spaces: readonly AddressSpace[]): StaleEntry[] =>
  auditUnit(unit.spec, spaces, ['tlb', 'walk cache']);

const auditUnit = (spec: PagingSpec, spaces: readonly AddressSpace[], names: Audited['names']): StaleEntry[] => {
  const roots = new Map(spaces.map(({ tag, rootFrame }) => [tag, rootFrame]));
  return auditOne({
    spec,
    names,
    rootOf: (tag) => roots.get(tag),
    locate: () => inMachine,
    translate: (tag, page) => slowWalk(spec, roots.get(tag)!, page, inMachine),
  });
};

/** The same for an MMU of two dimensions, with its nested TLB and the second stage's walk cache. */
export const auditNestedPaging = (mmu: NestedPaging, spaces: readonly NestedSpace[]): StaleEntry[] => {
  const byTag = new Map(spaces.map((space) => [space.first.tag, space]));
  const second = mmu.second.spec;
  const locate =
    (tag: number): Locate =>
    (frame) =>
      slowWalk(second, byTag.get(tag)!.second.rootFrame, frame, inMachine);
  return [
    ...auditOne({
      spec: mmu.spec,
      names: ['tlb', 'walk cache'],
      rootOf: (tag) => byTag.get(tag)?.first.rootFrame,
      locate,
      translate: (tag, page) => slowNestedWalk(mmu.spec, byTag.get(tag)!.first.rootFrame, page, locate(tag)),
    }),
    ...auditUnit(
      second,
      spaces.map((space) => space.second),
      ['nested tlb', 'nested walk cache'],
    ),
  ];
};
