import type { Domain } from '../domain/domain.js';
import { afterMove } from '../domain/moved-frames.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, asMfn } from '../host/frame-number.js';
import { Outcome, accessPage, invalidatePage, loadRoot, storeEntry, writePage } from '../shadow/shadow-paging.js';
import type { ShadowState } from '../shadow/shadow-state.js';
import { tableWritten } from './guest-writes.js';
import { type KernelSpace, directPage } from './kernel-space.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';
import { SINGLE_FLUSH_CEILING } from './tlb-gather.js';

/** Any word that is no page-table entry: what a copied page is taken to begin with. */
const NO_ENTRY = 0xffff_ffff;

/**
 * Linux on bare x86-64, in a guest whose page tables have twins: it makes plain stores, loads roots and flushes pages, and
 * does not know which of them exit. The kernel's own accesses are those that every entry into it makes, and its writes to
 * tables and to the frames that it fills. `restored`: it comes out of a checkpoint, and so loads nothing.
 */
export const shadowOps = (domain: Domain, space: KernelSpace, restored = false): PagingOps => {
  const { account, host } = domain;
  /** The root of the program that is loaded, or `NO_FRAME`. */
  let loaded: number = NO_FRAME;

  const shadow = (): ShadowState => domain.model.shadow!;
  const pageOf = (mfn: Mfn): number => directPage(host.frames.guestFrame(mfn));
  const reach = (page: number, write: boolean): void => {
    if (accessPage(shadow(), page, write, 'kernel') !== Outcome.filled) {
      throw new Error(`the kernel of ${domain.name} cannot reach its page ${page.toString(16)}`);
    }
  };
  const enterKernel = (): void => {
    for (const page of space.read) reach(page, false);
    for (const page of space.written) reach(page, true);
  };
  const load = (root: Mfn): void => {
    loadRoot(shadow(), host.frames.guestFrame(root));
    enterKernel();
  };
  const store = ({ table, index }: EntryPlace, entry: number): void => {
    storeEntry(shadow(), pageOf(table), index, entry);
    tableWritten(domain, table, 'hypervisor');
  };

  const reload = (): void => load(loaded === NO_FRAME ? space.root : asMfn(loaded));

  if (!restored) load(space.root);
  return {
    largePages: true,
    setLeaf: store,
    setBranch: (_mm, place, entry) => store(place, entry),
    exchangeLeaf: store,
    tableAdded: () => {},
    tableRemoved: () => {},
    enterLazy: () => {},
    leaveLazy: () => {},
    entered: () => {},
    exiting: () => {},

    exited(mm) {
      if (loaded === mm.root) this.activate(null);
    },

    rootAdded: (root) => space.addTo(root),

    activate(mm) {
      const root = mm === null ? NO_FRAME : mm.root;
      if (root === loaded) return;
      loaded = root;
      reload();
    },

    mapKernelPage: () => {},

    fillFrame(mfn, zeros) {
      reach(space.descriptorPage(host.frames.guestFrame(mfn)), true);
      writePage(shadow(), pageOf(mfn), zeros ? 0 : NO_ENTRY);
    },

    flushPages(mm, firstPage, pages) {
      if (mm.root !== loaded) return;
      if (pages > SINGLE_FLUSH_CEILING) reload();
      else for (let page = firstPage; page < firstPage + pages; page += 1) invalidatePage(shadow(), page);
    },

    flushAll(mm) {
      if (mm === null || mm.root === loaded) reload();
    },

    reaches(mm, vpn, write) {
      if (mm.root !== loaded) throw new Error(`a program of ${domain.name} that is not loaded touches its memory`);
      return accessPage(shadow(), vpn, write, 'user') === Outcome.filled;
    },

    faultDelivered() {
      account.charge(Mechanism.pageTables, Event.guestPageFault);
      enterKernel();
    },

    returnToUser: () => {},

    follow(moved) {
      space.follow(moved);
      loaded = afterMove(moved, asMfn(loaded));
    },

    checkpoint(archive) {
      archive.part('space', space);
      loaded = archive.value('loaded', loaded);
    },
  };
};
