import type { Domain } from '../domain/domain.js';
import { afterMove } from '../domain/moved-frames.js';
import { isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, asMfn, hex } from '../host/frame-number.js';
import { Region } from '../mmu/mmu.js';
import type { PvMemory, TableLevel } from '../x86/pv-memory.js';
import { tableWritten } from './guest-writes.js';
import { type Mm, type TableShape, X86_64_TABLES, findEntry, tablesBelow } from './mm.js';
import { MulticallQueue } from './multicall-queue.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';
import { ProgramSpaces } from './program-spaces.js';
import { SINGLE_FLUSH_CEILING } from './tlb-gather.js';

/**
 * How Linux drives a P2M guest on x86-64 (arch/x86/xen/mmu_pv.c of Linux 6.1): page-table pages of a live address space are
 * pinned and read-only to the kernel, entries are set by mmu_update, one at a time or batched while lazy, a locked
 * instruction on a live entry faults and is emulated, and an address space is torn down only after it was unpinned. To load another base
 * flushes the TLB. That faults and returns go by the hypervisor is because the kernel has lost its privilege ring, and is charged to that.
 */
export const xenOps = (domain: Domain, memory: PvMemory, shape: TableShape = X86_64_TABLES): PagingOps => {
  const { account, host, mmu } = domain;
  const queue = new MulticallQueue(domain);
  /** Table pages that the kernel has made read-only and handed to the hypervisor. */
  const handedOver = new Set<Mfn>();
  const reader = { shape, tables: host.tables, behind: asMfn };
  const entryOf = (root: Mfn, vpn: number): number => {
    const place = findEntry(reader, { root }, vpn);
    return place === null ? 0 : host.tables.get(place.table)![place.index];
  };
  const programs = new ProgramSpaces(domain, (root) => ({ rootFrame: root, read: (vpn) => entryOf(root, vpn) }));
  let lazy = false;
  /** The root of the address space that is loaded. */
  let loaded: Mfn | null = null;

  const charge = (event: number): void => account.charge(Mechanism.pageTables, event);
  const must = (refusal: string | null): void => {
    if (refusal !== null) throw new Error(`the kernel of ${domain.name} was refused: ${refusal}`);
  };
  const issue = (): void => {
    if (!lazy) queue.flush();
  };

  const update = ({ table, index }: EntryPlace, entry: number): void => {
    charge(Event.pageUpdate);
    const result = memory.update(table, index, entry);
    if (result === 'writable page') charge(Event.writablePageUpdate);
    else if (result !== 'page table') must(result.refusal);
  };

  /**
   * To make a frame a table of a level takes a look at each of its entries, and so does to end that. Between entries that lead to other
   * tables the hypervisor looks for interrupts (promote_l2_table, promote_l3_table; not promote_l1_table, nor promote_l4_table by itself).
   */
  const tableChecked = (level: TableLevel): void => {
    charge(Event.pagePin);
    if (level === 2 || level === 3) domain.interrupts?.preemptionPoint();
  };

  const queueWritable = (table: Mfn, writable: boolean): void =>
    queue.add('update_va_mapping', () => {
      charge(Event.vaMappingUpdate);
      must(memory.mapKernelPage(table, writable ? 'writable' : 'readOnly'));
    });
  const queueExtended = (work: () => string | null): void =>
    queue.add('mmuext_op', () => {
      charge(Event.mmuextOperation);
      memory.watchTables(tableChecked, () => must(work()));
    });

  const fill = (mfn: Mfn): void => void mmu.access(Region.kernel, host.frames.guestFrame(mfn), true);
  const store = ({ table, index }: EntryPlace, entry: number): void => {
    if (!memory.isKernelWritable(table)) throw new Error(`a plain store to page table ${hex(table)} of ${domain.name}`);
    fill(table);
    host.tables.get(table)![index] = entry;
    tableWritten(domain, table, 'store');
  };

  const handOver = (table: Mfn, level: TableLevel): void => {
    handedOver.add(table);
    queueWritable(table, false);
    if (level === 1) queueExtended(() => memory.pin(table, 1));
  };

  const takeBack = (table: Mfn, level: TableLevel): void => {
    handedOver.delete(table);
    if (level === 1) queueExtended(() => memory.unpin(table));
    queueWritable(table, true);
  };

  const flush = (operations: number): void => {
    for (let count = 0; count < operations; count += 1) {
      queueExtended(() => null);
      issue();
    }
  };

  const rootsOf = (mm: Mm): Mfn[] => (mm.userRoot === null ? [mm.root] : [mm.root, mm.userRoot]);

  return {
    largePages: false,

    setLeaf(place, entry) {
      queue.add('mmu_update', () => update(place, entry));
      issue();
    },

    setBranch(mm, place, entry) {
      const places = place.table === mm.root ? rootsOf(mm).map((table) => ({ ...place, table })) : [place];
      if (!handedOver.has(place.table)) {
        for (const each of places) store(each, entry);
        return;
      }
      for (const each of places) {
        queue.add('mmu_update', () => memory.watchTables(tableChecked, () => update(each, entry)));
      }
      issue();
    },

    exchangeLeaf(place, entry) {
      if (memory.isKernelWritable(place.table)) {
        store(place, entry);
        return;
      }
      charge(Event.hypervisorPageFault);
      charge(Event.emulatedWrite);
      const result = memory.update(place.table, place.index, entry);
      if (typeof result === 'object') must(result.refusal);
    },

    tableAdded(mm, table, level) {
      if (!handedOver.has(mm.root)) return;
      handOver(table, level);
      issue();
    },

    tableRemoved(_mm, table, level) {
      if (!handedOver.has(table)) return;
      takeBack(table, level);
      issue();
    },

    enterLazy() {
      lazy = true;
    },

    leaveLazy() {
      lazy = false;
      queue.flush();
    },

    rootAdded: () => {},

    entered(mm) {
      for (const { table, level } of tablesBelow(reader, mm.root)) handOver(table, level);
      for (const root of rootsOf(mm)) {
        handedOver.add(root);
        queueWritable(root, false);
        queueExtended(() => memory.pin(root, 4));
      }
      queue.flush();
    },

    exiting(mm) {
      if (loaded === mm.root) this.activate(null);
      for (const root of rootsOf(mm)) queueExtended(() => memory.unpin(root));
      for (const { table, level } of tablesBelow(reader, mm.root)) takeBack(table, level);
      for (const root of rootsOf(mm)) {
        handedOver.delete(root);
        queueWritable(root, true);
      }
      queue.flush();
    },

    exited: ({ root }) => programs.leave(root),

    activate(mm) {
      const root = mm?.root ?? null;
      if (root === loaded) return;
      loaded = root;
      queueExtended(() => null);
      queueExtended(() => null);
      issue();
      if (root !== null) programs.load(root);
      mmu.flush(Mechanism.pageTables);
    },

    mapKernelPage(mfn, mapped) {
      if (memory.kernelReferences(mfn) === (mapped ? 1 : 0)) return;
      charge(Event.hypercall);
      charge(Event.vaMappingUpdate);
      must(memory.mapKernelPage(mfn, mapped ? 'writable' : 'absent'));
    },

    fillFrame: fill,

    flushPages({ root }, firstPage, pages) {
      const isWhole = pages > SINGLE_FLUSH_CEILING;
      flush(isWhole ? 1 : pages);
      if (root !== loaded) return;
      if (isWhole) return mmu.flush(Mechanism.pageTables);
      for (let vpn = firstPage; vpn < firstPage + pages; vpn += 1) mmu.purge(Region.user, vpn, Mechanism.pageTables);
    },

    flushAll() {
      flush(1);
      mmu.flush(Mechanism.pageTables);
    },

    reaches(mm, vpn, write) {
      if (mm.root !== loaded) throw new Error(`a program of ${domain.name} that is not loaded touches its memory`);
      return !isFinding(mmu.access(Region.user, vpn, write));
    },

    faultDelivered() {
      charge(Event.guestPageFault);
      account.charge(Mechanism.privilege, Event.hypervisorPageFault);
    },

    returnToUser() {
      account.charge(Mechanism.privilege, Event.iretHypercall);
      domain.interrupts?.poll();
    },

    follow(moved) {
      programs.follow(moved);
      const tables = [...handedOver];
      handedOver.clear();
      for (const table of tables) handedOver.add(afterMove(moved, table));
      if (loaded !== null) loaded = afterMove(moved, loaded);
    },

    checkpoint(archive) {
      archive.part('queue', queue);
      archive.part('programs', programs);
      archive.set('handedOver', handedOver);
      lazy = archive.value('lazy', lazy);
      loaded = archive.value('loaded', loaded);
    },
  };
};
