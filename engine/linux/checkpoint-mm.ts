import type { Archive } from '../checkpoint/archive.js';
import { NO_FRAME, asMfn } from '../host/frame-number.js';
import type { Mm } from './mm.js';
import type { PageCache } from './page-cache.js';
import type { Vma } from './vma.js';

/**
 * An address space of a kernel, whose page cache was saved before; on the way in `mm` is null.
 *
 * @throws Error while it has an area of granted pages (gntalloc, gntdev): its file is a device's, and no file of the cache
 */
export const checkpointMm = (archive: Archive, cache: PageCache, mm: Mm | null): Mm => {
  const made: Mm = {
    root: archive.value('root', mm?.root ?? asMfn(NO_FRAME)),
    userRoot: archive.value('userRoot', mm?.userRoot ?? null),
    vmas: archive.list('vmas', mm?.vmas ?? [], (each, vma) => checkpointVma(each, cache, vma)),
    heap: archive.data('heap', mm?.heap ?? { start: 0, end: 0 }),
    deposited: archive.numbers('deposited', mm?.deposited ?? []),
  };
  return mm ?? made;
};

const checkpointVma = (archive: Archive, cache: PageCache, vma: Vma | null): Vma => {
  const of = vma?.file ?? null;
  const file = archive.value('file', of === null ? null : cache.files.indexOf(of.cached));
  if (of !== null && file === -1) throw new Error(`an area of ${of.cached.name} cannot be saved yet: unmap it before`);
  const fileFirstPage = archive.value('fileFirstPage', of?.firstPage ?? 0);
  return {
    firstPage: archive.value('firstPage', vma?.firstPage ?? 0),
    pages: archive.value('pages', vma?.pages ?? 0),
    writable: archive.value('writable', vma?.writable ?? false),
    accounted: archive.value('accounted', vma?.accounted ?? false),
    executable: archive.value('executable', vma?.executable ?? false),
    file: file === null ? null : { cached: cache.files[file], firstPage: fileFirstPage },
    growsDown: archive.value('growsDown', vma?.growsDown ?? false),
    shared: archive.value('shared', vma?.shared ?? false),
    hasAnonymous: archive.value('hasAnonymous', vma?.hasAnonymous ?? false),
  };
};
