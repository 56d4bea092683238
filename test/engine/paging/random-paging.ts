import fc from 'fast-check';
import { expect } from 'vitest';
import { type StaleEntry, auditNestedPaging, auditPaging } from '../../../engine/paging/audit-paging.js';
import { EntryFlag, isSet, entryFrame } from '../../../engine/host/entry.js';
import { type RadixFormat } from '../../../engine/paging/format.js';
import { NestedPaging, type NestedSpace, combinedTag } from '../../../engine/paging/nested-paging.js';
import type { PagingUnit } from '../../../engine/paging/paging-unit.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { Fault } from '../../../engine/paging/translation.js';
import type { AddressSpace } from '../../../engine/paging/walk.js';
import type { GuestTableFrames } from '../../../engine/paging/table-frames.js';
import { SlowTable } from './slow-table.js';
import { type Caches, guestTableMemory, tableMemory, unitOf } from './support.js';

/** Tables of 4 entries, so that sizes, levels and evictions meet often: 64 pages, and 256 guest frames. */
const FORMAT: RadixFormat = { levels: 3, indexBits: 2, largestLeaf: 2 };
const SECOND_FORMAT: RadixFormat = { levels: 4, indexBits: 2, largestLeaf: 2 };
const FAN_OUT = 4;
const PAGES = 64;
const TABLE_FRAMES = 48;
const DATA_FRAMES = 48;
const FIRST_DATA = 4096;

const CHANGES = ['map', 'unmap', 'split', 'collapse', 'protect', 'allow', 'clean'] as const;
const TABLE_CHANGES = ['move table', 'protect table'] as const;
const ACCESSES = ['read', 'write'] as const;

export interface Step {
  readonly kind: (typeof CHANGES | typeof TABLE_CHANGES | typeof ACCESSES)[number];
  /** Which dimension a change of tables is about; one-dimensional runs have the first only. */
  readonly second: boolean;
  readonly machine: number;
  readonly space: number;
  readonly page: number;
  readonly frame: number;
  readonly level: number;
  readonly flush: 'page' | 'tag' | 'all';
}

export const steps = (length: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      kind: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...CHANGES) },
        { weight: 1, arbitrary: fc.constantFrom(...TABLE_CHANGES) },
        { weight: 7, arbitrary: fc.constantFrom(...ACCESSES) },
      ),
      second: fc.boolean(),
      machine: fc.nat(1),
      space: fc.nat(1),
      page: fc.nat(PAGES / 2 - 1),
      frame: fc.nat(DATA_FRAMES - 1),
      level: fc.constantFrom(0, 0, 1, 2),
      flush: fc.constantFrom('page', 'page', 'tag', 'tag', 'all'),
    }),
    { minLength: length / 2, maxLength: length, size: 'max' },
  );

/** Sizes of caches that make evictions, fragments of large entries, and hits. */
export const CACHES: readonly Caches[] = [
  {
    tlb: [
      { sets: 2, ways: 2 },
      { sets: 1, ways: 2 },
      { sets: 1, ways: 2 },
    ],
    walk: [3, 2, 1],
  },
  { tlb: [{ sets: 4, ways: 4 }], walk: [16, 4, 4] },
  { tlb: null, walk: [2, 1] },
  {
    tlb: [
      { sets: 1, ways: 32 },
      { sets: 1, ways: 32 },
      { sets: 1, ways: 0 },
    ],
    walk: null,
  },
];

const alignedTo = (number: number, level: number): number => number - (number % FAN_OUT ** level);

/** Does one change in the table and in the reference; returns the pages whose translation may have changed. */
const change = (table: RadixTable, slow: SlowTable, step: Step, page: number, frame: number): number[] => {
  const { kind, level } = step;
  const first = alignedTo(page, level);
  const touched = slow.run(first, Math.max(level, slow.level(page), slow.level(first)));
  const writable = step.frame % 3 !== 0;
  switch (kind) {
    case 'map':
      expect(table.map(first, alignedTo(frame, level), level, writable)).toBe(true);
      slow.map(first, alignedTo(frame, level), level, writable);
      return touched;
    case 'unmap':
      expect(table.unmap(first, level)).toBe(true);
      slow.unmap(first, level);
      return touched;
    case 'split':
      expect(table.split(page)).toBe(slow.split(page));
      return touched;
    case 'collapse':
      if (level === 0) return [];
      expect(table.collapse(first, level)).toBe(slow.collapse(first, level));
      return touched;
    case 'protect':
    case 'allow':
      table.changeLeaf(page, kind === 'allow' ? EntryFlag.writable : 0, kind === 'allow' ? 0 : EntryFlag.writable);
      slow.change(page, { writable: kind === 'allow' });
      // More rights need no flush: the walker finds them when it has to.
      return kind === 'allow' ? [] : touched;
    case 'clean':
      table.changeLeaf(page, 0, EntryFlag.dirty);
      slow.change(page, { dirty: false });
      return touched;
    default:
      return [];
  }
};

/** The table says of every page what the reference says. */
const expectSame = (table: RadixTable, slow: SlowTable, from: number, to: number): void => {
  for (let page = from; page < to; page += 1) {
    const level = table.leafLevel(page);
    const entry = table.leafEntry(page);
    const known = slow.pages.get(page);
    const same =
      known === undefined
        ? level < 0 && entry === 0
        : level === known.level &&
          entryFrame(entry) + (page % FAN_OUT ** level) === known.frame &&
          isSet(entry, EntryFlag.writable) === known.writable &&
          isSet(entry, EntryFlag.dirty) === known.dirty;
    if (!same) expect.fail(`page ${page}: entry ${entry} of level ${level}, not ${JSON.stringify(known)}`);
  }
};

interface Tables {
  readonly table: RadixTable;
  readonly slow: SlowTable;
}

/** Two address spaces of one dimension beside their references. */
export class NativePair {
  readonly unit: PagingUnit;
  readonly memory = tableMemory(FORMAT, 1, 100);
  readonly spaces: (Tables & AddressSpace)[];

  constructor(caches: Caches) {
    this.unit = unitOf(FORMAT, this.memory, caches);
    this.spaces = [1, 2].map((tag) => {
      const table = new RadixTable(FORMAT, this.memory, this.memory.newTable());
      return { tag, rootFrame: table.rootFrame, table, slow: new SlowTable(FAN_OUT) };
    });
  }

  step(step: Step): void {
    const space = this.spaces[step.space];
    const page = step.page % PAGES;
    if (step.kind === 'read' || step.kind === 'write') return this.#access(space, page, step.kind === 'write');
    const touched = change(space.table, space.slow, step, page, FIRST_DATA + step.frame);
    if (touched.length === 0) return;
    if (step.flush === 'page') for (const at of touched) this.unit.flushPage(space.tag, at);
    else if (step.flush === 'tag') this.unit.flushTag(space.tag);
    else this.unit.flushAll();
  }

  audit(): StaleEntry[] {
    return auditPaging(this.unit, this.spaces);
  }

  expectSame(): void {
    let tables = 0;
    for (const { table, slow } of this.spaces) {
      expectSame(table, slow, 0, PAGES);
      table.forEachTable(() => (tables += 1));
    }
    expect(this.memory.tables.size).toBe(tables);
  }

  #access(space: Tables & AddressSpace, page: number, write: boolean): void {
    const known = space.slow.pages.get(page);
    const fault = this.unit.access(space, page, write);
    if (known === undefined) return expect(fault).toBe(Fault.notMapped);
    if (write && !known.writable) return expect(fault).toBe(Fault.readOnly);
    expect(fault).toBe(Fault.none);
    expect(this.unit.translation.frame).toBe(known.frame);
    if (write) space.slow.change(page, { dirty: true });
  }
}

interface Machine extends Tables {
  readonly tag: number;
  readonly guestMemory: GuestTableFrames;
  readonly spaces: (Tables & NestedSpace)[];
  readonly protectedTables: Set<number>;
}

/** Two virtual machines with two address spaces each, beside their references. */
export class NestedPair {
  readonly mmu: NestedPaging;
  readonly memory = tableMemory(SECOND_FORMAT, 1, 1000);
  readonly machines: Machine[];
  readonly #secondSetsFlags: boolean;
  #nextTableFrame = 2000;

  constructor(first: Caches, second: Caches, secondSetsFlags: boolean) {
    this.#secondSetsFlags = secondSetsFlags;
    this.mmu = new NestedPaging(
      unitOf(FORMAT, this.memory, first).spec,
      unitOf(SECOND_FORMAT, this.memory, second, secondSetsFlags),
    );
    this.machines = [1, 2].map((tag) => this.#machine(tag));
  }

  step(step: Step): void {
    const machine = this.machines[step.machine];
    const space = machine.spaces[step.space];
    if (step.kind === 'read' || step.kind === 'write') {
      return this.#access(machine, space, step.page % PAGES, step.kind === 'write');
    }
    if (step.kind === 'move table' || step.kind === 'protect table') return this.#table(machine, step);
    if (step.second) {
      const guestFrame = TABLE_FRAMES + (step.page % DATA_FRAMES);
      this.#flushSecond(machine, step, change(machine.table, machine.slow, step, guestFrame, FIRST_DATA + step.frame));
      return;
    }
    const touched = change(space.table, space.slow, step, step.page % PAGES, TABLE_FRAMES + step.frame);
    if (touched.length === 0) return;
    if (step.flush === 'page') for (const at of touched) this.mmu.flushPage(space.first.tag, at);
    else if (step.flush === 'tag') this.mmu.flushTag(space.first.tag);
    else this.mmu.flushAll();
  }

  audit(): StaleEntry[] {
    return auditNestedPaging(
      this.mmu,
      this.machines.flatMap(({ spaces }) => spaces),
    );
  }

  expectSame(): void {
    for (const { table, slow, spaces } of this.machines) {
      expectSame(table, slow, TABLE_FRAMES, TABLE_FRAMES + DATA_FRAMES);
      for (const space of spaces) expectSame(space.table, space.slow, 0, PAGES);
    }
  }

  #machine(tag: number): Machine {
    const table = new RadixTable(SECOND_FORMAT, this.memory, this.memory.newTable());
    const slow = new SlowTable(FAN_OUT);
    const frames = Array.from({ length: TABLE_FRAMES }, (_, index) => index);
    for (const frame of frames) table.map(frame, this.#newTableFrame(), 0, true);
    table.mapRun(TABLE_FRAMES, FIRST_DATA, DATA_FRAMES, true);
    for (let frame = 0; frame < DATA_FRAMES; frame += 16) slow.map(TABLE_FRAMES + frame, FIRST_DATA + frame, 2, true);
    const guestMemory = guestTableMemory(this.memory, table, frames);
    const spaces = [1, 2].map((space) => {
      const guest = new RadixTable(FORMAT, guestMemory, guestMemory.newTable());
      return {
        table: guest,
        slow: new SlowTable(FAN_OUT),
        first: { tag: combinedTag(tag, space), rootFrame: guest.rootFrame },
        second: { tag, rootFrame: table.rootFrame },
      };
    });
    return { tag, table, slow, guestMemory, spaces, protectedTables: new Set() };
  }

  #newTableFrame(): number {
    this.#nextTableFrame += 1;
    return this.#nextTableFrame;
  }

  #flushSecond(machine: Machine, step: Step, touched: readonly number[]): void {
    if (touched.length === 0) return;
    if (step.flush === 'page') for (const at of touched) this.mmu.flushGuestFrame(machine.tag, at);
    else if (step.flush === 'tag') this.mmu.flushMachine(machine.tag);
    else this.mmu.flushAll();
  }

  /** Moves a page that may hold a guest table to another machine frame, or write-protects it. */
  #table(machine: Machine, step: Step): void {
    const guestFrame = step.page % TABLE_FRAMES;
    if (step.kind === 'protect table') {
      machine.table.changeLeaf(guestFrame, 0, EntryFlag.writable);
      machine.protectedTables.add(guestFrame);
    } else {
      const from = machine.guestMemory.machineFrame(guestFrame);
      const to = this.#newTableFrame();
      const contents = this.memory.tables.get(from);
      if (contents !== undefined) this.memory.tables.set(to, contents.slice());
      this.memory.tables.delete(from);
      machine.table.map(guestFrame, to, 0, !machine.protectedTables.has(guestFrame));
    }
    this.#flushSecond(machine, step, [guestFrame]);
  }

  #access(machine: Machine, space: Tables & NestedSpace, page: number, write: boolean): void {
    const guest = space.slow.pages.get(page);
    let fault = this.mmu.access(space, page, write);
    const { translation } = this.mmu;
    while (fault === Fault.secondReadOnly && machine.protectedTables.delete(translation.frame)) {
      machine.table.changeLeaf(translation.frame, EntryFlag.writable, 0);
      fault = this.mmu.access(space, page, write);
    }
    if (guest === undefined) return expect(fault).toBe(Fault.notMapped);
    if (write && !guest.writable) return expect(fault).toBe(Fault.readOnly);
    if (write) space.slow.change(page, { dirty: true });
    const known = machine.slow.pages.get(guest.frame);
    if (known === undefined || (write && !known.writable)) {
      expect(fault).toBe(known === undefined ? Fault.secondNotMapped : Fault.secondReadOnly);
      return expect(translation.frame).toBe(guest.frame);
    }
    expect(fault).toBe(Fault.none);
    expect(translation.frame).toBe(known.frame);
    expect(translation.level).toBeLessThanOrEqual(Math.min(guest.level, known.level));
    if (write && this.#secondSetsFlags) machine.slow.change(guest.frame, { dirty: true });
  }
}

/** Runs the steps; fails at the first entry that the audit finds or difference from the reference. */
export const expectSound = (pair: NativePair | NestedPair, sequence: readonly Step[]): void => {
  sequence.forEach((step, index) => {
    pair.step(step);
    if (index % 8 === 7 || index === sequence.length - 1) pair.expectSame();
    const stale = pair.audit();
    if (stale.length > 0) expect.fail(JSON.stringify(stale));
  });
};
