import {
  GuestTableFrames,
  Host,
  MachineTableFrames,
  NestedPaging,
  PagingUnit,
  RadixTable,
  Simulation,
  X86_64,
} from '../../engine/index.js';
import { countsOnlyPlatform } from './counts-only-platform.js';
import type { Prediction } from './prediction.js';

const GUEST_PAGES = 64;

/** Entries that the walker reads for the first access to a page, with no TLB and no walk cache in either dimension. */
const coldReferences = (): number => {
  const host = new Host(
    'host',
    new Simulation(countsOnlyPlatform({ id: 'walks', banks: [{ start: 0, size: 2 ** 20 }] }), 'walks'),
  );
  const source = { take: () => host.heap.allocate(0), giveBack() {} };
  const machine = new MachineTableFrames(X86_64, source, host.tables);
  const second = new RadixTable(X86_64, machine, machine.newTable());
  for (let guestFrame = 0; guestFrame < GUEST_PAGES; guestFrame += 1) {
    second.map(guestFrame, host.heap.allocate(0), 0, true);
  }
  let free = 0;
  const guestFrames = new GuestTableFrames(machine, second, { take: () => free++, giveBack() {} });
  const guest = new RadixTable(X86_64, guestFrames, guestFrames.newTable());
  guest.map(0, GUEST_PAGES - 1, 0, true);
  const spec = { format: X86_64, machine, tlb: null, walkCache: null, setsFlags: true };
  const mmu = new NestedPaging(spec, new PagingUnit(spec));
  const first = { tag: 1, rootFrame: guest.rootFrame };
  const fault = mmu.access({ first, second: { tag: 1, rootFrame: second.rootFrame } }, 0, true);
  if (fault !== 0) throw new Error(`the walk ended in fault ${fault}`);
  return mmu.references;
};

export const walkReferences: Prediction = {
  id: 'walk-references',
  title:
    'A guest writes a page whose tables have four levels in both dimensions, all of single pages; nothing is cached.',
  covers: ['published/VM-01'],
  run: () => new Map([['published/VM-01', { actual: coldReferences(), note: 'entries read, counted by the walker' }]]),
};
