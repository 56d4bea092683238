import type { Platform } from '../../engine/index.js';
import type { CaseBook } from '../case.js';
import { PAGES_A_MEBIBYTE, countsOnlyPlatform } from './counts-only-platform.js';
import { type SceneDomain, buildScene, explain } from './overhead.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'xen-arm/memory-overhead';
const RAM_START = 0x4000_0000;

/**
 * Xen on Arm makes one frame table from the first frame of memory to the last, 56 B a frame (META-01), rounded up to
 * 2 MiB below 32 MiB and to 32 MiB above; there is no m2p. A guest's pool is 256 pages a vCPU, one a MiB and 128 more,
 * rounded up to a MiB (libxl, and Xen's domain_p2m_pages).
 */
const platformOf = (hostMebibytes: number): Platform =>
  countsOnlyPlatform({
    id: 'arm64 for counts',
    banks: [{ start: RAM_START, size: hostMebibytes * 2 ** 20 }],
    frameTable: { bytesAFrame: 56, covers: 'span', chunkBytes: 2 * 2 ** 20, largeChunkBytes: 32 * 2 ** 20 },
    pagingPool: { pagesAVcpu: 256, pagesAMebibyte: { nested: 1, shadow: 1 }, pagesADomain: 128, multipleOf: 256 },
  });

/** The three kinds of guest of the data file. A direct one has an identity second stage, so it has a pool too. */
const GUESTS: Readonly<Record<string, Omit<SceneDomain, 'pages'>>> = {
  'direct-map with static memory': { name: 'guest', model: 'direct', paging: 'nested' },
  'VP with static memory': { name: 'guest', model: 'insert', paging: 'nested' },
  VP: { name: 'guest', model: 'insert', paging: 'nested' },
};

export const armMemoryOverhead: Prediction = {
  id: 'arm-memory-overhead',
  title:
    'Hosts boot, allocate their frame table, and build a direct domain0 and a guest; what is not free nor a domain’s is counted.',
  covers: [START],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    const domain0 = (mebibytes: number): SceneDomain => ({
      name: 'domain0',
      model: 'direct',
      pages: mebibytes * PAGES_A_MEBIBYTE,
    });
    for (const one of book.under(START).filter(({ id }) => id.endsWith('/overhead'))) {
      const { conditions } = one;
      const scene = buildScene(platformOf(Number(conditions['host MiB'])), [domain0(Number(conditions['dom0 MiB']))]);
      outcomes.set(one.id, { actual: scene.overhead, note: explain(scene, book.recorded(one.id)) });
      outcomes.set(one.id.replace(/overhead$/u, 'of it frame table'), {
        actual: scene.host.hypervisor.pages('frame table'),
      });
    }

    const platform = platformOf(1024);
    const alone = buildScene(platform, [domain0(512)]);
    for (const [kind, guest] of Object.entries(GUESTS)) {
      const id = `${START}/guest of 256 MiB/${kind}`;
      const scene = buildScene(platform, [domain0(512), { ...guest, pages: 256 * PAGES_A_MEBIBYTE }]);
      const actual = scene.overhead - alone.overhead;
      const pool = scene.host.hypervisor.pages('paging pool');
      outcomes.set(id, { actual, note: `allocated: paging pool ${pool}; unexplained: ${book.recorded(id) - actual}` });
    }
    return outcomes;
  },
};
