import { isFinding } from '../../engine/index.js';
import { Interrupts } from '../../engine/domain/interrupts.js';
import { balloonOut } from '../../engine/linux/balloon.js';
import type { CaseBook } from '../case.js';
import { emulatedMachine, eventCosts, timersOf } from '../scenes/emulated-machine.js';
import { linuxMachine } from '../scenes/linux-machine.js';
import { putBehindIommu } from '../scenes/xen-iommu.js';
import { PAGES_A_MEBIBYTE } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'xen/balloon';
const OUT_PAGES = 64 * PAGES_A_MEBIBYTE;
const BATCH_PAGES = 512;

export const x86Balloon: Prediction = {
  id: 'x86-balloon',
  title: 'Linux in domain0, under P2M and under VP, gives 64 of 512 MiB back in batches.',
  covers: [START],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const kind of ['pv', 'hap'] as const) {
      const pages = 512 * PAGES_A_MEBIBYTE;
      const { host, domain, kernel, count } =
        kind === 'pv'
          ? linuxMachine('p2m', pages, eventCosts(emulatedMachine(book).pv))
          : linuxMachine('nested', pages);
      // Xen refuses a domain0 of VP without one (arch_iommu_check_autotranslated_hwdom); for the P2M one none was recorded.
      const behind = kind === 'pv' ? null : putBehindIommu(domain);
      const freeBefore = host.heap.freeFrames;
      const tables = (): number => domain.model.secondStage?.tableFrames().length ?? 0;
      const tablesBefore = tables();
      const behindBefore = behind?.tablePages ?? 0;
      domain.account.enter('balloon');
      if (kind === 'pv') domain.interrupts = new Interrupts(domain, timersOf());
      const refusal = balloonOut(kernel, OUT_PAGES);
      if (isFinding(refusal)) throw new Error(refusal.detail);
      const gained = `${START}/${kind}/free pages gained`;
      const actual = host.heap.freeFrames - freeBefore;
      const unexplained = book.recorded(gained) - actual;
      outcomes.set(gained, {
        actual,
        ...(unexplained === 0
          ? {}
          : {
              note: `unexplained: ${unexplained}; ${tables() - tablesBefore} large entries broke, into tables from the pool; those of the IOMMU grew by ${(behind?.tablePages ?? 0) - behindBefore}`,
            }),
      });
      outcomes.set(`${START}/${kind}/update_va_mapping`, { actual: count('vaMappingUpdate', 'balloon') });
      if (kind === 'hap') continue;
      outcomes.set(`${START}/pv/flushes`, { actual: count('mmuextOperation', 'balloon') });
      outcomes.set(`${START}/pv/memory operations`, {
        actual: count('memoryOperation', 'balloon'),
        note: `${OUT_PAGES / BATCH_PAGES} batches, and again where a timer fell into one; what a frame takes of the hypervisor is assumed`,
      });
    }
    return outcomes;
  },
};
