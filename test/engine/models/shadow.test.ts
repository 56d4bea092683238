import { describe, expect, it } from 'vitest';
import {
  type Platform,
  Host,
  Simulation,
  audit,
  buildDomain,
  buildOnDemand,
  destroyDomain,
  isFinding,
} from '../../../engine/index.js';
import type { Domain } from '../../../engine/index.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { KernelSpace, directPage } from '../../../engine/linux/kernel-space.js';
import { PoolUse } from '../../../engine/shadow/shadow-pool.js';
import { accessPage, loadRoot, reach } from '../../../engine/shadow/shadow-paging.js';
import { platformOf } from '../support.js';

const hostWith = (pagesAVcpu: number): Host => {
  const platform: Platform = {
    ...platformOf([]),
    pageBytes: 4096,
    banks: [{ start: 0, size: 4096 * 4096 }],
    pagingPool: { pagesAVcpu, pagesAMebibyte: { nested: 1, shadow: 2 }, pagesADomain: 0, multipleOf: 1 },
  };
  return new Host('host', new Simulation(platform, 'shadow'));
};

const build = (host: Host, pages = 1024): Domain => {
  const builder = host.simulation.ledger.account('builder');
  const domain = buildDomain(host, { name: 'guest', model: 'shadow', builder }, pages);
  if (isFinding(domain)) throw new Error(domain.detail);
  return domain;
};

/** A guest that runs on its kernel's own root. */
const running = (host: Host): Domain => {
  const domain = build(host);
  loadRoot(domain.model.shadow!, host.frames.guestFrame(new KernelSpace(domain).root));
  return domain;
};

describe('a domain under shadow tables', () => {
  it('has its p2m, twins and snapshots in the pool: 256 frames a processor and two a MiB', () => {
    const host = hostWith(256);
    const domain = build(host);
    const { pool } = domain.model.shadow!;
    expect([pool.size, host.hypervisor.pages('paging pool', domain.id)]).toEqual([264, 264]);
    const used = (use: number): number => pool.use.filter((each) => each === use).length;
    // 1024 pages are in two lowest tables of the p2m, with one table of each level above.
    expect([used(PoolUse.p2m), used(PoolUse.snapshot), used(PoolUse.twin)]).toEqual([5, 3, 0]);
    expect(audit(host)).toEqual([]);
  });

  it('is refused where the pool has no room for its p2m and the twins of one instruction', () => {
    const host = hostWith(100);
    const free = host.heap.freeFrames;
    const builder = host.simulation.ledger.account('builder');
    const refused = buildDomain(host, { name: 'guest', model: 'shadow', builder }, 1024);
    expect(refused).toMatchObject({ operation: 'build', model: 'shadow', rule: 'pool-has-room' });
    const onDemand = buildOnDemand(host, { name: 'guest', model: 'shadow', builder }, { pages: 1024, frames: 64 });
    expect(onDemand).toMatchObject({ operation: 'build', model: 'shadow', rule: 'pool-has-room' });
    expect(host.heap.freeFrames).toBe(free);
    expect(audit(host)).toEqual([]);
  });

  it('loses every mapping of a frame that it gives back, and finds another behind the same entry', () => {
    const host = hostWith(256);
    const domain = running(host);
    const shadow = domain.model.shadow!;
    const pfn = domain.free.take()!;
    accessPage(shadow, directPage(pfn), true, 'kernel');
    const before = reach(shadow, directPage(pfn), true);
    expect(before).toBe(domain.model.machineFrame(pfn));
    expect(domain.balloon.release(pfn)).toBe(pfn);
    expect(reach(shadow, directPage(pfn), false)).toBe(NO_FRAME);
    expect(shadow.uses.mappings(before)).toBe(0);
    host.hypervisor.takeFrame('grant table');
    expect(domain.balloon.in(pfn)).toBe(null);
    accessPage(shadow, directPage(pfn), true, 'kernel');
    expect(reach(shadow, directPage(pfn), true)).toBe(domain.model.machineFrame(pfn));
    expect(audit(host).filter(({ rule }) => rule === 'twins')).toEqual([]);
  });

  it('cannot flip a page: external paging refuses it', () => {
    const domain = build(hostWith(256));
    expect(domain.model.giveFrame(domain.free.take()!)).toMatchObject({ rule: 'no-external-paging' });
  });

  it('gives all that it had back when it is destroyed', () => {
    const host = hostWith(256);
    const { arena } = host.simulation;
    destroyDomain(running(host), host.simulation.ledger.account('builder'));
    const [free, bytes] = [host.heap.freeFrames, arena.bytes];
    destroyDomain(running(host), host.simulation.ledger.account('builder'));
    expect([host.heap.freeFrames, arena.bytes]).toEqual([free, bytes]);
    expect(audit(host)).toEqual([]);
  });
});
