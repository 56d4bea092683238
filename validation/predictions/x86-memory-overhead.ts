import type { Case, CaseBook } from '../case.js';
import { type Platform, type TranslationScheme, X86_64 } from '../../engine/index.js';
import {
  PAGES_A_MEBIBYTE,
  PAGE_BYTES,
  XEN_PAGING_POOL,
  countsOnlyPlatform,
  radixScheme,
  vhptScheme,
} from './counts-only-platform.js';
import { type OverheadScene, type SceneDomain, buildScene, explain } from './overhead.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'xen/memory-overhead';
const TABLE_CHUNK_BYTES = 2 * 2 ** 20;

/**
 * Xen on x86-64 makes frame table and m2p in 2 MiB pieces, those that describe memory (its PDX_GROUP_COUNT): 32 B and
 * 8 B a frame (META-01, META-04). The pool of a VP domain is by META-05. What firmware leaves usable stands in one bank,
 * since the recorded machine's map of memory is not known.
 */
const platformOf = (usablePages: number, scheme: TranslationScheme = radixScheme(X86_64)): Platform =>
  countsOnlyPlatform({
    id: 'x86-64 for counts',
    banks: [{ start: 0, size: usablePages * PAGE_BYTES }],
    scheme,
    frameTable: { bytesAFrame: 32, covers: 'chunks', chunkBytes: TABLE_CHUNK_BYTES },
    machineToPhysical: { bytesAFrame: 8, covers: 'chunks', chunkBytes: TABLE_CHUNK_BYTES },
    pagingPool: XEN_PAGING_POOL,
    iommuTables: 'healed',
  });

const MODEL_OF = { pv: 'p2m', hap: 'nested', shadow: 'shadow' } as const;

const domainOf = (name: string, kind: keyof typeof MODEL_OF, pages: number): SceneDomain => ({
  name,
  model: MODEL_OF[kind],
  pages,
});

/** A VP domain0 has one page fewer than asked for, by the head of the data file. */
const domain0 = (kind: 'pv' | 'hap' | 'shadow', mebibytes: number): SceneDomain =>
  domainOf('domain0', kind, mebibytes * PAGES_A_MEBIBYTE - (kind === 'pv' ? 0 : 1));

const sceneOf = ({ conditions }: Case): OverheadScene =>
  buildScene(
    platformOf(Number(conditions['usable'])),
    [domain0(conditions['model'] === 'pv' ? 'pv' : 'hap', Number(conditions['dom0 MiB']))],
    { iommu: String(conditions['iommu']) === 'true' },
  );

export const x86MemoryOverhead: Prediction = {
  id: 'x86-memory-overhead',
  title:
    'Hosts boot, allocate frame table and m2p, and build domain0 and a guest; what is not free nor a domain’s is counted.',
  covers: [START],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const one of book.under(START).filter(({ id }) => id.endsWith('/overhead'))) {
      const scene = sceneOf(one);
      const iommu =
        scene.iommuTables > 0 ? '; the rings, device and interrupt tables of the IOMMU are not modelled' : '';
      const note = `${explain(scene, book.recorded(one.id))}${iommu}`;
      outcomes.set(one.id, { actual: scene.overhead, note });
      outcomes.set(one.id.replace(/overhead$/u, 'free'), { actual: scene.host.heap.freeFrames, note });
    }

    const usable = 1024 * PAGES_A_MEBIBYTE;
    const overheadWith = (...domains: readonly SceneDomain[]): number =>
      buildScene(platformOf(usable), domains).overhead;
    const withShadow = buildScene(platformOf(usable, vhptScheme(64)), [domain0('shadow', 512)]).overhead;
    outcomes.set(`${START}/shadow/pages more than hap`, {
      actual: withShadow - overheadWith(domain0('hap', 512)),
      note: 'the paging pools of the two, as allocated',
    });
    const alone = overheadWith(domain0('pv', 512));
    for (const kind of ['pv', 'hap'] as const) {
      const id = `${START}/domU/${kind} 256 MiB`;
      const guest = domainOf('guest', kind, 256 * PAGES_A_MEBIBYTE);
      const actual = overheadWith(domain0('pv', 512), guest) - alone;
      const note = `allocated: ${kind === 'pv' ? 'nothing' : `paging pool ${actual}`}; unexplained: ${book.recorded(id) - actual}`;
      outcomes.set(id, { actual, note });
    }
    return outcomes;
  },
};
