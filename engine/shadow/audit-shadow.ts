import { EntryFlag, entryFrame, isLeaf, isPresent, isSet, isWritable } from '../host/entry.js';
import { hex } from '../host/frame-number.js';
import { PoolUse } from './shadow-pool.js';
import type { ShadowState } from './shadow-state.js';
import { EMPTY, KNOWN_ABSENT, TwinKind } from './twin-kind.js';

type Report = (detail: string) => void;

/**
 * Walks all twins: each entry is what the guest's table and the p2m give, or gives less; a table that is out of sync is taken
 * as its snapshot has it; nothing writes to a table that is in sync; counts are what the walk counts; and every frame of the
 * pool is in one use. Returns what is wrong, in sentences.
 */
export const auditShadow = (state: ShadowState): string[] => {
  const wrong: string[] = [];
  const report: Report = (detail) => void wrong.push(detail);
  const { twins } = state;
  const references = new Map<number, number>();
  const refer = (slot: number): void => void references.set(slot, (references.get(slot) ?? 0) + 1);
  for (const root of state.roots) if (root >= 0) refer(root);
  for (const slot of twins.pinned) refer(slot);
  const mapped = new Map<number, [mappings: number, writers: number]>();
  twins.forEach((slot) => {
    if (twins.kind[slot] === TwinKind.l1 || twins.kind[slot] === TwinKind.splinter) {
      auditLeaves(state, slot, mapped, report);
    } else {
      auditLinks(state, slot, refer, report);
    }
  });
  twins.forEach((slot) => {
    const found = references.get(slot) ?? 0;
    if (twins.references[slot] !== found) {
      report(`the twin in slot ${slot} counts ${twins.references[slot]} references, a walk finds ${found}`);
    }
  });
  auditUses(state, mapped, report);
  return wrong;
};

/** The guest's entry that an entry of a lowest twin stands for; undefined where the guest has given the table up. */
const guestLeaf = ({ guest, outOfSync, twins }: ShadowState, slot: number, index: number): number | undefined => {
  const back = twins.back[slot];
  if (twins.kind[slot] === TwinKind.l1) return (outOfSync.snapshot(back) ?? guest.entriesAt(back))?.[index];
  const flags = EntryFlag.present | EntryFlag.accessed;
  const rights = (back & 2 ? EntryFlag.writable : 0) | (back & 1 ? EntryFlag.dirty : 0);
  return (Math.floor(back / 4) + index) * 32 + (flags | rights);
};

const auditLeaves = (state: ShadowState, slot: number, mapped: Map<number, [number, number]>, report: Report): void => {
  const { guest, uses, twins } = state;
  twins.entries(slot).forEach((entry, index) => {
    if (entry === EMPTY) return;
    const where = `entry ${index} of the twin of ${hex(twins.back[slot])}`;
    const own = guestLeaf(state, slot, index);
    if (entry === KNOWN_ABSENT) {
      if (own !== undefined && isPresent(own)) report(`${where} says that nothing is mapped`);
      return;
    }
    const frame = entryFrame(entry);
    // One that waits for the first access maps nothing, and is made anew by it.
    if (!isPresent(entry)) return;
    if (own !== undefined && (!isPresent(own) || guest.machineFrame(entryFrame(own)) !== frame)) {
      report(`${where} has frame ${hex(frame)}, the guest's table does not give it`);
    }
    const counts = mapped.get(frame) ?? [0, 0];
    counts[0] += 1;
    mapped.set(frame, counts);
    if (own !== undefined && !isSet(own, EntryFlag.accessed)) report(`${where} hides the first access`);
    if (!isWritable(entry)) return;
    counts[1] += 1;
    if (own !== undefined && !(isWritable(own) && isSet(own, EntryFlag.dirty)))
      report(`${where} gives a right to write`);
    if (!guest.mayWrite(frame)) report(`${where} writes to frame ${hex(frame)}, which is to be read only`);
    if (guest.awaitsWrite(frame)) report(`${where} hides the first write to frame ${hex(frame)}`);
    if (uses.isTable(frame) && !uses.isOutOfSync(frame)) report(`${where} writes to the table ${hex(frame)}`);
  });
};

const auditLinks = (state: ShadowState, slot: number, refer: (slot: number) => void, report: Report): void => {
  const { guest, twins } = state;
  const kind = twins.kind[slot];
  const contents = guest.entriesAt(twins.back[slot]);
  for (let index = 0; index < twins.entriesATable; index += 1) {
    const below = twins.below(slot, index);
    if (below < 0) continue;
    refer(below);
    if (contents === undefined) continue;
    const own = contents[index];
    const where = `entry ${index} of the twin of ${hex(twins.back[slot])}`;
    if (!isPresent(own) || !isSet(own, EntryFlag.accessed)) {
      report(`${where} leads on, the guest's does not`);
    } else if (isLeaf(own, kind - 1)) {
      const first = Math.floor(twins.back[below] / 4);
      if (twins.kind[below] !== TwinKind.splinter || first !== entryFrame(own)) report(`${where} has another splinter`);
    } else if (twins.kind[below] !== kind - 1 || twins.back[below] !== guest.machineFrame(entryFrame(own))) {
      report(`${where} leads to the twin of another table`);
    }
  }
};

const auditUses = (
  { uses, twins, pool, outOfSync }: ShadowState,
  mapped: ReadonlyMap<number, readonly [number, number]>,
  report: Report,
): void => {
  let made = 0;
  const frames = new Set(mapped.keys());
  const kinds = new Map<number, number>();
  twins.forEach((slot) => {
    made += 1;
    const back = twins.back[slot];
    if (twins.find(back, twins.kind[slot]) !== slot) report(`the twin in slot ${slot} is not found by its table`);
    if (twins.kind[slot] === TwinKind.splinter) return;
    frames.add(back);
    kinds.set(back, (kinds.get(back) ?? 0) | (1 << twins.kind[slot]));
  });
  for (const frame of outOfSync.tables) {
    frames.add(frame);
    if (kinds.get(frame) !== 1 << TwinKind.l1) report(`frame ${hex(frame)} is out of sync, and no lowest table alone`);
  }
  for (const frame of frames) {
    const [mappings, writers] = mapped.get(frame) ?? [0, 0];
    if (uses.mappings(frame) !== mappings || uses.writers(frame) !== writers) {
      report(
        `frame ${hex(frame)} counts ${uses.mappings(frame)} mappings and ${uses.writers(frame)} writers, not ${mappings} and ${writers}`,
      );
    }
    if (uses.kinds(frame) !== (kinds.get(frame) ?? 0))
      report(`frame ${hex(frame)} is a table of other kinds than its twins`);
    if (uses.isOutOfSync(frame) !== outOfSync.tables.includes(frame))
      report(`frame ${hex(frame)} is out of sync in one place only`);
  }
  const inUse = pool.use.reduce((sum, use) => sum + (use === PoolUse.free ? 0 : 1), 0);
  const twinFrames = pool.use.reduce((sum, use) => sum + (use === PoolUse.twin ? 1 : 0), 0);
  if (twinFrames !== made) report(`${twinFrames} frames of the pool are for twins, ${made} twins are there`);
  if (inUse + pool.freeFrames !== pool.size)
    report(`${inUse} frames of the pool are in use and ${pool.freeFrames} free`);
};
