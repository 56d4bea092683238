import type { Domain } from '../../engine/index.js';
import type { ArmHost } from '../../engine/arm/boot.js';
import type { CaseBook } from '../case.js';
import { STATIC_GUEST, bootDomain0, buildGuest, built, countDirect, recordedHost } from '../scenes/arm-host.js';
import { PAGES_A_MEBIBYTE } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'xen-arm/memory-overhead';
const GUEST_PAGES = 256 * PAGES_A_MEBIBYTE;
/** Where a static guest of 256 MiB does not split what a domain0 of 512 MiB on 1 GiB wants. */
const STATIC_MEMORY = [
  { start: 0x7000_0000, end: 0x7e00_0000 },
  { start: 0x4200_0000, end: 0x4400_0000 },
];

/** Sizes of domain0 for which entries of 2 MiB were counted, with the host of each. */
const LARGE_ENTRIES = [
  { dom0MiB: 256, hostMiB: 1024 },
  { dom0MiB: 512, hostMiB: 1024 },
  { dom0MiB: 1024, hostMiB: 4096 },
];

const GUESTS = {
  'direct-map with static memory': { name: STATIC_GUEST, model: 'direct' },
  'VP with static memory': { name: 'guest', model: 'nested' },
  VP: { name: 'guest', model: 'nested' },
} as const;

const running = (hostMiB: number, dom0MiB: number, held: Parameters<typeof recordedHost>[1] = []) => {
  const arm = recordedHost(hostMiB, held);
  return { arm, domain0: built(bootDomain0(arm, dom0MiB)) };
};

/** Pages that neither are free nor set aside or owned by a domain. */
const overheadOf = ({ host }: ArmHost, domains: readonly Domain[], setAside = 0): number =>
  host.installedFrames -
  host.heap.freeFrames -
  setAside -
  domains.reduce((sum, { model }) => sum + model.ownedFrames().length, 0);

export const armMemoryOverhead: Prediction = {
  id: 'arm-memory-overhead',
  title:
    'Hosts boot, allocate their frame table, and build a direct domain0 with its second stage, and a guest; what is not free nor a domain’s is counted.',
  covers: [START],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const one of book.under(START).filter(({ id }) => id.endsWith('/overhead'))) {
      const { arm, domain0 } = running(Number(one.conditions['host MiB']), Number(one.conditions['dom0 MiB']));
      const actual = overheadOf(arm, [domain0]);
      const { xen, frameTable, deviceTree } = arm.bootFrames;
      const { tablePages } = countDirect(arm, domain0);
      const parts = `frame table ${frameTable}, image ${xen}, device tree ${deviceTree} (given), second stage ${tablePages} and its root, grant frame, shared page`;
      outcomes.set(one.id, { actual, note: `${parts}; unexplained: ${book.recorded(one.id) - actual}` });
      outcomes.set(one.id.replace(/overhead$/u, 'of it frame table'), { actual: frameTable });
    }
    for (const { dom0MiB, hostMiB } of LARGE_ENTRIES) {
      const { arm, domain0 } = running(hostMiB, dom0MiB);
      const counts = countDirect(arm, domain0);
      outcomes.set(`${START}/2 MiB entries/${dom0MiB}`, {
        actual: counts.largeEntries,
        note: 'with the windows of the emulated board, by its map of memory',
      });
      if (dom0MiB === 512) {
        outcomes.set(`${START}/identity/entries that are not identity`, { actual: counts.otherEntries });
      }
    }
    for (const [kind, { name, model }] of Object.entries(GUESTS)) {
      const id = `${START}/guest of 256 MiB/${kind}`;
      const { arm, domain0 } = running(1024, 512, model === 'direct' ? STATIC_MEMORY : []);
      const before = overheadOf(arm, [domain0], model === 'direct' ? GUEST_PAGES : 0);
      const guest = built(buildGuest(arm, name, GUEST_PAGES, model));
      const actual = overheadOf(arm, [domain0, guest]) - before;
      const pool = arm.host.hypervisor.pages('paging pool');
      const root = actual > pool ? ', root of the second stage' : '';
      outcomes.set(id, {
        actual,
        note: `allocated: paging pool ${pool}${root}; unexplained: ${book.recorded(id) - actual}`,
      });
    }
    return outcomes;
  },
};
