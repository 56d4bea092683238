import { describe, expect, it } from 'vitest';
import { type Domain, Host, type ModelId, Simulation, audit, buildDomain, isFinding } from '../../../engine/index.js';
import { startLinux } from '../../../engine/linux/start-linux.js';
import { VcpusMmu } from '../../../engine/mmu/vcpus-mmu.js';
import { radixPlatformOf, radixScheme } from '../support.js';

const VCPUS = 4;

const guestWith = (model: ModelId, broadcastsFlushes: boolean): { guest: Domain; mmu: VcpusMmu } => {
  const platform = radixPlatformOf([[0, 8192]], { scheme: radixScheme({ broadcastsFlushes }) });
  const host = new Host('host', new Simulation(platform, 'vcpus'));
  const builder = host.simulation.ledger.account('builder');
  const guest = buildDomain(host, { name: 'guest', model, vcpus: VCPUS, builder }, 1000);
  if (isFinding(guest)) throw new Error(guest.detail);
  if (!(guest.mmu instanceof VcpusMmu)) throw new Error('one vCPU');
  return { guest, mmu: guest.mmu };
};

describe.each(['p2m', 'nested'] as const)('a domain of four vCPUs under %s', (model) => {
  it('interrupts those that used its memory since they were flushed, and nobody else', () => {
    const { guest, mmu } = guestWith(model, false);
    const interrupts = (work: () => void): number => {
      const before = guest.account.count('flushInterrupt');
      work();
      return guest.account.count('flushInterrupt') - before;
    };
    guest.mapPage(5, guest.free.take()!, true);
    for (const vcpu of [0, 1, 2]) {
      mmu.run(vcpu);
      expect(guest.writePage(5)).toBeNull();
    }
    expect(interrupts(() => guest.unmapPage(5))).toBe(2);
    expect(interrupts(() => mmu.flush(0))).toBe(2);
    expect(interrupts(() => mmu.flush(0))).toBe(0);
    mmu.run(3);
    guest.mapPage(6, guest.free.take()!, true);
    guest.writePage(6);
    mmu.run(0);
    expect(interrupts(() => guest.unmapPage(6))).toBe(1);
  });

  it('holds nothing on any vCPU that the tables would not give, after each change', () => {
    const { guest, mmu } = guestWith(model, false);
    for (let step = 0; step < 200; step += 1) {
      mmu.run((step * 7) % VCPUS);
      const page = (step * 5) % 12;
      if (guest.log.mapped(page) >= 0 && step % 3 === 0) guest.unmapPage(page);
      else if (guest.log.mapped(page) < 0) guest.mapPage(page, guest.free.take()!, true);
      for (let each = 0; each < 12; each += 1) if (guest.log.mapped(each) >= 0) guest.writePage(each);
      if (step % 20 === 0) expect(audit(guest.host)).toEqual([]);
    }
  });

  it('needs no interrupt where the hardware sends flushes to all', () => {
    const { guest, mmu } = guestWith(model, true);
    guest.mapPage(5, guest.free.take()!, true);
    for (const vcpu of [0, 1]) {
      mmu.run(vcpu);
      guest.writePage(5);
    }
    guest.unmapPage(5);
    expect(guest.account.count('flushInterrupt')).toBe(0);
    mmu.run(0);
    expect(guest.writePage(5)).toMatchObject({ rule: 'mapped' });
    expect(audit(guest.host)).toEqual([]);
  });

  it('runs no processes: its kernel has one processor to switch', () => {
    const { guest } = guestWith(model, false);
    expect(() => startLinux(guest)).toThrow('guest can have one vCPU');
  });

  it('has no vCPU beyond the last', () => {
    const { mmu } = guestWith(model, false);
    expect(() => mmu.run(VCPUS)).toThrow('guest has no vCPU 4');
  });
});
