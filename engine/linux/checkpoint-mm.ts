import type { Archive } from '../checkpoint/archive.js';
import { NO_FRAME, asMfn } from '../host/frame-number.js';
import { deviceFile } from './grant-devices.js';
import type { Mm } from './mm.js';
import type { CachedFile, PageCache } from './page-cache.js';
import type { Vma } from './vma.js';

/** An address space of a kernel, whose page cache was saved before; on the way in `mm` is null. */
export const checkpointMm = (archive: Archive, cache: PageCache, mm: Mm | null): Mm => {
  const files = filesOf(archive, cache, mm?.vmas ?? []);
  const made: Mm = {
    root: archive.value('root', mm?.root ?? asMfn(NO_FRAME)),
    userRoot: archive.value('userRoot', mm?.userRoot ?? null),
    vmas: archive.list('vmas', mm?.vmas ?? [], (each, vma) => checkpointVma(each, files, vma)),
    heap: archive.data('heap', mm?.heap ?? { start: 0, end: 0 }),
    deposited: archive.numbers('deposited', mm?.deposited ?? []),
    granted: archive.data('granted', mm?.granted ?? []),
    mapped: archive.data('mapped', mm?.mapped ?? []),
    keptGrants: archive.data('keptGrants', mm?.keptGrants ?? []),
  };
  return mm ?? made;
};

/** The files that areas may be of: those of the cache, and devices that gave this address space an area of their own. */
const filesOf = (archive: Archive, { files }: PageCache, vmas: readonly Vma[]): readonly CachedFile[] => {
  const ofAreas = new Set(vmas.flatMap(({ file }) => (file === null ? [] : [file.cached])));
  const devices = [...ofAreas].filter((file) => !files.includes(file));
  const names = archive.texts(
    'devices',
    devices.map(({ name }) => name),
  );
  return [...files, ...(archive.reading ? names.map((name) => deviceFile(name)) : devices)];
};

const checkpointVma = (archive: Archive, files: readonly CachedFile[], vma: Vma | null): Vma => {
  const of = vma?.file ?? null;
  const file = archive.value('file', of === null ? null : files.indexOf(of.cached));
  const fileFirstPage = archive.value('fileFirstPage', of?.firstPage ?? 0);
  return {
    firstPage: archive.value('firstPage', vma?.firstPage ?? 0),
    pages: archive.value('pages', vma?.pages ?? 0),
    writable: archive.value('writable', vma?.writable ?? false),
    accounted: archive.value('accounted', vma?.accounted ?? false),
    executable: archive.value('executable', vma?.executable ?? false),
    file: file === null ? null : { cached: files[file], firstPage: fileFirstPage },
    growsDown: archive.value('growsDown', vma?.growsDown ?? false),
    shared: archive.value('shared', vma?.shared ?? false),
    stays: archive.value('stays', vma?.stays ?? false),
    hasAnonymous: archive.value('hasAnonymous', vma?.hasAnonymous ?? false),
  };
};
