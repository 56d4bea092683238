import { describe, expect, it } from 'vitest';
import {
  type Domain,
  PagingDisk,
  asPfn,
  migrate,
  pageOut,
  relocatePages,
  reliableLink,
  saveDomain,
  sharePages,
} from '../../../engine/index.js';
import { Host } from '../../../engine/host/host.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { findEntry } from '../../../engine/linux/mm.js';
import { PageUse } from '../../../engine/linux/page-frames.js';
import { PROCESS_STEPS } from './process-steps.js';
import { Programs } from './programs-reference.js';
import { type Machine, linuxOn, linuxOnIa64 } from './support.js';
import { domainOn } from '../support.js';

const MACHINES: readonly (readonly [string, () => Machine])[] = [
  ['P2M on x86-64', () => linuxOn('p2m', 400)],
  ['VP by nested tables', () => linuxOn('nested', 400)],
  ['VP by shadow', () => linuxOn('walked shadow', 400)],
  ['P2M on ia64', () => linuxOnIa64('p2m', 400)],
  ['VP by insert on ia64', () => linuxOnIa64('insert', 400)],
];

/** A page that the domain's own page table and a program both have. */
const OWN_PAGE = 3;

const start = ({ kernel }: Machine): Programs => {
  const program = kernel.shape.stackTop + 1 - 1024;
  const programs = new Programs(kernel, { program, places: [OWN_PAGE] });
  PROCESS_STEPS['write program'](programs, 0, { kind: '', place: 0, page: 5, pages: 1 });
  return programs;
};

const payerOf = ({ host }: Domain) => host.simulation.ledger.account('payer');

describe('processes beside other operations on their domain', () => {
  it.each(MACHINES)('go on when their pages and page tables move to other frames: %s', (_name, machineOf) => {
    const machine = machineOf();
    const { domain, kernel } = machine;
    const programs = start(machine);
    const used = domain.model.ownedFrames().filter((pfn) => kernel.pages.use(pfn) !== PageUse.none);
    const tables = used.filter((pfn) => kernel.pages.use(pfn) === PageUse.table);
    expect(tables.length).toBeGreaterThanOrEqual(3);
    const before = new Set(used.map((pfn) => domain.model.machineFrame(pfn)));
    const { moved } = relocatePages({ domain, pfns: used, payer: payerOf(domain) });
    expect(moved).toBe(used.length);
    expect(used.map((pfn) => domain.model.machineFrame(pfn)).filter((mfn) => before.has(mfn))).toEqual([]);
    programs.check();
    programs.read(programs.layout.program + 5);
    for (const kind of ['fork', 'write program', 'yield', 'write program', 'exit']) {
      PROCESS_STEPS[kind](programs, 0, { kind, place: 0, page: 5, pages: 1 });
      programs.check();
    }
    expect(machine.violations()).toEqual([]);
  });

  it.each(MACHINES)(
    'have every entry in the table where it is by then, when it moves between two stores: %s',
    (_name, machineOf) => {
      const machine = machineOf();
      const { domain, kernel } = machine;
      const programs = start(machine);
      for (let table = 0; table < 6; table += 1) {
        // Each in a lowest table of its own, so that the one above gets an entry.
        const page = OWN_PAGE + table * kernel.shape.entries;
        PROCESS_STEPS['map'](programs, page, { kind: 'map', place: 0, page: 0, pages: 1 });
        programs.write(page);
        const above = domain.host.frames.guestFrame(findEntry(kernel, programs.mm, page, 2)!.table);
        expect(relocatePages({ domain, pfns: [above], payer: payerOf(domain) }).moved).toBe(1);
        // The kernel's mapping of the frames beside it is entered again, and of this one with it.
        for (let pfn = above - 4; pfn < above; pfn += 1) domain.readKernel(asPfn(pfn));
        programs.check();
      }
      expect(machine.violations()).toEqual([]);
    },
  );

  it.each(MACHINES)('keep their domain where it is: %s', (_name, machineOf) => {
    const machine = machineOf();
    const { domain } = machine;
    const { host } = domain;
    const link = reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 });
    const control = domainOn(host, 'control', 'direct', 8);
    const targetControl = domainOn(new Host('target', host.simulation), 'target control', 'direct', 8);
    const rule = { rule: 'no-processes' };
    expect(migrate({ guest: domain, control, targetControl, link })).toMatchObject(rule);
    expect(saveDomain({ guest: domain, control, diskBytesPerSecond: 1e8 })).toMatchObject(rule);
    start(machine).check();
  });

  it.each(MACHINES)(
    'leave the entries of the domain’s own page table to it, whichever is loaded: %s',
    (_name, machineOf) => {
      const machine = machineOf();
      const { domain } = machine;
      const programs = start(machine);
      PROCESS_STEPS['map'](programs, OWN_PAGE, { kind: 'map', place: 0, page: 0, pages: 1 });
      programs.write(OWN_PAGE);
      domain.mapPage(OWN_PAGE, domain.free.take()!, true);
      expect(domain.writePage(OWN_PAGE)).toBe(null);
      programs.check();
      domain.unmapPage(OWN_PAGE);
      expect(domain.writePage(OWN_PAGE)).toMatchObject({ operation: 'access' });
      expect(machine.violations()).toEqual([]);
      programs.read(OWN_PAGE);
    },
  );

  it('copy a page from the paging disk when a program writes it after a fork', () => {
    const machine = linuxOn('nested', 400);
    const { domain, kernel } = machine;
    const programs = start(machine);
    domain.host.pagingDisk = new PagingDisk(domain.host.simulation.arena, 400);
    programs.table.fork();
    programs.believed.set(programs.table.all[1].pid, programs.mine.copy());
    const pager = payerOf(domain);
    const pfn = kernel.frameOf(kernel.leafOf(programs.mm, programs.layout.program + 5));
    expect(pageOut({ domain, pfns: [pfn], pager, hypothetical: true })).toBe(null);
    programs.check();
    programs.write(programs.layout.program + 5);
    programs.check();
    expect(machine.violations()).toEqual([]);
  });

  it('take a free frame for a page table that is on the paging disk', () => {
    const machine = linuxOn('nested', 400);
    const { domain } = machine;
    const programs = start(machine);
    domain.host.pagingDisk = new PagingDisk(domain.host.simulation.arena, 400);
    expect(pageOut({ domain, pfns: domain.free.copy(), pager: payerOf(domain), hypothetical: true })).toBe(null);
    PROCESS_STEPS['fork'](programs, 0, { kind: 'fork', place: 0, page: 0, pages: 1 });
    programs.check();
    expect(machine.violations()).toEqual([]);
  });

  it('have a frame of their own again when they write a page that stood on a shared one', () => {
    const machine = linuxOnIa64('insert', 400);
    const { domain, kernel } = machine;
    const programs = start(machine);
    const page = programs.layout.program + 5;
    const pfn = kernel.frameOf(kernel.leafOf(programs.mm, page));
    const other = domain.free.take()!;
    domain.fillKernel(other, domain.log.stamp(pfn));
    const pages = { first: { domain, pfn }, second: { domain, pfn: asPfn(other) } };
    expect(sharePages({ ...pages, payer: payerOf(domain), hypothetical: true })).toBe(null);
    programs.read(page);
    expect(machine.violations()).toEqual([]);
    programs.write(page);
    programs.check();
    expect(domain.readKernel(other)).toBe(domain.log.stamp(other));
    expect(auditLinux(kernel)).toEqual([]);
  });
});
