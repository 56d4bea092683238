import { expect, it } from 'vitest';
import { buildDomain } from '../../../engine/index.js';
import { connectDriver } from '../../../engine/drivers/split-driver.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { XEN_4_17_X86_PV } from '../../../engine/grants/rules.js';
import { VcpusMmu } from '../../../engine/mmu/vcpus-mmu.js';
import { ok } from '../grants/support.js';
import { costs, domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

const INTERRUPT_NS = 1000;

/** A P2M backend with a vCPU for each guest: nanoseconds a page that it reads from a mapped page, one by one. */
const nsAPage = (guests: number, path: 'map' | 'persistent'): number => {
  const host = hostOf(
    radixPlatformOf([[0, 4096]], {
      scheme: radixScheme(),
      grants: XEN_4_17_X86_PV,
      costs: costs(0, { grantOperation: 1000, flushInterrupt: INTERRUPT_NS }),
    }),
  );
  const builder = host.simulation.ledger.account('builder');
  const backend = ok(buildDomain(host, { name: 'backend', model: 'p2m', vcpus: guests, builder }, 512));
  const drivers = Array.from({ length: guests }, (_, window) => {
    const frontend = domainOn(host, `guest ${window}`, 'p2m', 128);
    const references = ok(GrantReferences.open(frontend));
    const driver = ok(
      connectDriver({ frontend, references, backend, window }, { transmit: path, receive: path, batch: 1 }),
    );
    return { driver, pfn: frontend.free.take()!, frontend };
  });
  const own = backend.free.take()!;
  /** Between any two pages every vCPU has been at work, as they all are at the same time. */
  const allAtWork = (next: number): void => {
    if (!(backend.mmu instanceof VcpusMmu)) return;
    for (let vcpu = 0; vcpu < guests; vcpu += 1) {
      backend.mmu.run(vcpu);
      backend.readKernel(own);
    }
    backend.mmu.run(next);
  };
  const round = (): void => {
    for (const [vcpu, { driver, pfn, frontend }] of drivers.entries()) {
      allAtWork(vcpu);
      frontend.writeKernel(pfn);
      expect(driver.send([pfn])).toEqual([null]);
    }
  };
  for (let warm = 0; warm < 4; warm += 1) round();
  const before = backend.account.cpuNs;
  for (let count = 0; count < 8; count += 1) round();
  return (backend.account.cpuNs - before) / 8 / guests;
};

it('unmaps that interrupt every vCPU that served a guest cost more a page with each guest, until more guests move no more', () => {
  const times = [1, 2, 4, 8].map((guests) => ({ guests, ns: nsAPage(guests, 'map') }));
  const throughput = times.map(({ guests, ns }) => guests / ns);
  // Each unmap interrupts the others at least once: linear in guests, where the rest of a page is constant.
  for (const [index, { guests, ns }] of times.entries()) {
    if (index > 0) expect(ns).toBeGreaterThan(times[index - 1].ns);
    expect(ns).toBeGreaterThanOrEqual((guests - 1) * INTERRUPT_NS);
  }
  // Eight times the processors give less than twice the pages.
  expect(throughput[3] / throughput[0]).toBeLessThan(2);
});

it('persistent grants unmap nothing: a page costs the same with one guest as with eight', () => {
  expect(nsAPage(8, 'persistent')).toBe(nsAPage(1, 'persistent'));
});
