import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Archive, audit, restoreCheckpoint, saveCheckpoint } from '../../../engine/index.js';
import { Interrupts } from '../../../engine/domain/interrupts.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { balloonIn, balloonOut } from '../../../engine/linux/balloon.js';
import { moveBreak } from '../../../engine/linux/brk.js';
import type { Executable } from '../../../engine/linux/exec.js';
import type { LinuxKernel } from '../../../engine/linux/kernel.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { ProcessTable } from '../../../engine/linux/process-table.js';
import { type Machine, kernelIn, linuxOn, linuxOnIa64, linuxOnPpc64 } from '../linux/support.js';

const PLACES = [0x100, 512 * 3 + 500, 512 * 512 * 2] as const;
const AREA_PAGES = 12;
const FILE_PAGES = 8;
const KINDS = [
  ['write', 'write', 'read', 'read', 'map', 'map', 'map file', 'unmap', 'protect', 'break'],
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

const take = ({ kernel, processes }: Linux, { kind, place, page }: Step): void => {
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
