import type { CaseBook } from '../case.js';
import { bootDomain0, buildGuest, built, recordedHost } from '../scenes/arm-host.js';
import { attachNvme, readFrom } from '../scenes/nvme-reads.js';
import { PAGES_A_MEBIBYTE } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'xen-arm/dma-direct';
/** The host and domain0 of the balloon rows; those of this row are not recorded. */
const HOST_MIB = 1024;
const DOMAIN0_MIB = 512;

/** What was read: `64 of 1 MiB and 256 of 4 KiB`. */
const readsOf = (text: string): { readonly count: number; readonly bytes: number }[] =>
  [...text.matchAll(/(\d+) of (\d+) (MiB|KiB)/gu)].map(([, count, size, unit]) => ({
    count: Number(count),
    bytes: Number(size) * (unit === 'MiB' ? 2 ** 20 : 2 ** 10),
  }));

export const armDma: Prediction = {
  id: 'arm-dma',
  title: 'A direct domain0 with a bounce pool reads from an NVMe drive that no IOMMU stands before.',
  covers: [START],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const { id } of book.under(START)) {
      const reads = readsOf(id);
      const bouncedIn = (domain: Parameters<typeof attachNvme>[0]): number => {
        const nvme = attachNvme(domain);
        return reads.reduce((sum, { count, bytes }) => sum + readFrom(nvme, count, bytes), 0);
      };
      const actual = bouncedIn(built(bootDomain0(recordedHost(HOST_MIB), DOMAIN0_MIB)));
      const translated = built(buildGuest(recordedHost(HOST_MIB), 'translated', DOMAIN0_MIB * PAGES_A_MEBIBYTE));
      outcomes.set(id, { actual, note: `VP by insert in its place bounces ${bouncedIn(translated)} of the same` });
    }
    return outcomes;
  },
};
