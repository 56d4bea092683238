import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Archive, audit, restoreCheckpoint, saveCheckpoint } from '../../../engine/index.js';
import { Interrupts } from '../../../engine/domain/interrupts.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { balloonIn, balloonOut } from '../../../engine/linux/balloon.js';
import { moveBreak } from '../../../engine/linux/brk.js';
import type { Executable } from '../../../engine/linux/exec.js';
import { allocateGrants, freeGrants, mapGrantDevice, unmapGrantDevice } from '../../../engine/linux/grant-devices.js';
import type { LinuxKernel } from '../../../engine/linux/kernel.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { ProcessTable } from '../../../engine/linux/process-table.js';
import { ok } from '../grants/support.js';
import { type Machine, kernelIn, linuxOn, linuxOnIa64, linuxOnPpc64 } from '../linux/support.js';

const PLACES = [0x100, 512 * 3 + 500, 512 * 512 * 2] as const;
const AREA_PAGES = 12;
const FILE_PAGES = 8;
/** Areas of gntalloc and gntdev, one of each for every place. */
const GRANTED = 512 * 5;
const MAPPED = 512 * 5 + 64;
const KINDS = [
  ['write', 'write', 'read', 'read', 'map', 'map', 'map file', 'unmap', 'protect', 'break'],
  ['grant', 'end grant', 'map granted', 'unmap granted', 'write granted'],
  ['fork', 'exec', 'exit', 'wait', 'yield', 'balloon out', 'balloon in', 'drop cache'],
].flat();

/** P2M and translated models on x86-64, and a translated one on ia64 and ppc64. */
const MACHINES = ['p2m', 'p2m with a timer', 'insert', 'shadow', 'walked shadow', 'nested', 'ia64', 'ppc64'] as const;
type MachineName = (typeof MACHINES)[number];

interface Linux {
  readonly machine: MachineName;
  readonly kernel: LinuxKernel;
  readonly processes: ProcessTable;
}

const step = fc.record({
  kind: fc.constantFrom(...KINDS),
  place: fc.nat(PLACES.length - 1),
  page: fc.nat(AREA_PAGES - 1),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const executableOf = (kernel: LinuxKernel): Executable => ({
  program: {
    file: kernel.cache.open('program', FILE_PAGES),
    base: 0x5555_5400,
    segments: [{ at: 0, filePage: 0, pages: 2, zeroedPages: 1, writable: true, executable: false }],
  },
  loader: null,
  argumentPages: 1,
});

/** Programs grant pages to their own domain and map them, where that is P2M on x86: no other can map into a program. */
const takeGrants = ({ kernel, processes }: Linux, { kind, place, page }: Step): void => {
  const mm = processes.running!.mm!;
  const { domain } = kernel;
  const [granted, mapped] = [GRANTED + 4 * place, MAPPED + 4 * place];
  const isGranted = mm.granted.some(({ firstPage }) => firstPage === granted);
  const isMapped = mm.mapped.some(({ firstPage }) => firstPage === mapped);
  if (kind === 'grant' && !isGranted) {
    allocateGrants(kernel, mm, { to: domain, pages: 1 + (page % 3), firstPage: granted });
  }
  if (kind === 'end grant' && isGranted) freeGrants(kernel, mm, granted);
  if (kind === 'write granted') writePage(kernel, mm, page % 2 === 0 ? granted : mapped);
  if (kind === 'unmap granted' && isMapped) unmapGrantDevice(kernel, mm, mapped);
  const offers = [...kernel.mms].flatMap((each) => each.granted);
  if (kind !== 'map granted' || isMapped || domain.pv === null || offers.length === 0) return;
  const { references } = offers[page % offers.length];
  mapGrantDevice(kernel, mm, { granter: domain, references, firstPage: mapped });
};

const take = (linux: Linux, step: Step): void => {
  takeGrants(linux, step);
  takeStep(linux, step);
};

const takeStep = ({ kernel, processes }: Linux, { kind, place, page }: Step): void => {
  const { mm } = processes.running!;
  const firstPage = PLACES[place];
  const file = kind === 'map file' ? { cached: kernel.cache.open('library', FILE_PAGES), firstPage: place } : null;
  if (kind === 'write') writePage(kernel, mm!, firstPage + page);
  if (kind === 'read') readPage(kernel, mm!, firstPage + page);
  if (kind.startsWith('map')) mapArea(kernel, mm!, { firstPage, pages: AREA_PAGES, writable: page % 3 > 0, file });
  if (kind === 'unmap') unmapRange(kernel, mm!, firstPage + page, 4);
  if (kind === 'protect') {
    protectRange(kernel, mm!, { firstPage: firstPage + page, pages: 3, writable: page % 2 === 0 });
  }
  if (kind === 'break') moveBreak(kernel, mm!, mm!.heap.start + page);
  if (kind === 'fork' && processes.all.length < 4) processes.fork();
  if (kind === 'exec') processes.exec(executableOf(kernel));
  if (kind === 'exit' && processes.all.filter((each) => each.mm !== null).length > 1) processes.exit();
  if (kind === 'wait') processes.wait();
  if (kind === 'yield') processes.yield();
  if (kind === 'balloon out' && kernel.domain.free.count > 300) balloonOut(kernel, page);
  if (kind === 'balloon in') balloonIn(kernel, Math.min(page, kernel.domain.balloon.frames.length));
  if (kind === 'drop cache') kernel.cache.drop();
};

const machineOf = (machine: MachineName): Machine => {
  if (machine === 'ia64') return linuxOnIa64('insert', 700);
  if (machine === 'ppc64') return linuxOnPpc64(700);
  if (machine !== 'p2m with a timer') return linuxOn(machine, 700);
  const made = linuxOn('p2m', 700, { pagePin: 500, pageUpdate: 30, vaMappingUpdate: 30, pageAllocate: 30 });
  made.domain.interrupts = new Interrupts(made.domain, [{ periodNs: 777, firstNs: 5, reaches: 'guest' }]);
  return made;
};

const start = (machine: MachineName): Linux => {
  const { kernel } = machineOf(machine);
  kernel.grants = ok(GrantReferences.open(kernel.domain));
  const processes = new ProcessTable(kernel);
  processes.start(executableOf(kernel));
  return { machine, kernel, processes };
};

const own =
  ({ kernel, processes }: Linux) =>
  (archive: Archive): void => {
    archive.part('kernel', kernel);
    archive.part('processes', processes);
  };

const save = (linux: Linux): Uint8Array => saveCheckpoint(linux.kernel.domain.host.simulation, own(linux));

const restore = (bytes: Uint8Array, { machine, kernel: { domain } }: Linux): Linux => {
  let made: Linux | null = null;
  restoreCheckpoint(bytes, {
    platform: domain.host.simulation.platform,
    own(archive) {
      const [found] = archive.simulation.hosts[0].domains.values();
      const kernel = kernelIn(found, true);
      made = { machine, kernel, processes: new ProcessTable(kernel) };
      own(made)(archive);
    },
  });
  return made!;
};

const view = ({ kernel, processes }: Linux): object => ({
  ledger: kernel.domain.host.simulation.ledger.entries(),
  violations: [audit(kernel.domain.host), auditLinux(kernel)],
  free: kernel.domain.free.copy(),
  processes: processes.all,
  running: processes.running?.pid,
});

describe('processes that are saved at any point, restored and run on are those without the stop', () => {
  it.each(MACHINES)('%s', (machine) => {
    const sequence = fc.array(step, { maxLength: 50, size: 'max' });
    fc.assert(
      fc.property(sequence, sequence, (before, after) => {
        const linux = start(machine);
        for (const each of before) take(linux, each);
        const bytes = save(linux);
        const copy = restore(bytes, linux);
        expect(copy.kernel.domain).not.toBe(linux.kernel.domain);
        expect(view(copy)).toEqual(view(linux));
        for (const each of after) {
          take(linux, each);
          take(copy, each);
        }
        expect(view(copy)).toEqual(view(linux));
        expect(Buffer.compare(save(copy), save(linux))).toBe(0);
      }),
      { numRuns: 10, seed: 2006 },
    );
  });
});
