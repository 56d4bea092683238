import { describe, expect, it } from 'vitest';
import { type EventName, EVENT_NAMES, cpuUseOf } from '../../../engine/index.js';
import { Event, Mechanism } from '../../../engine/host/events.js';
import { Ledger } from '../../../engine/host/ledger.js';
import { costs } from '../support.js';

const accountOf = () => new Ledger(costs(10)).account('domain');

describe('where a processor was', () => {
  it('is the hypervisor in every hypercall and exit and in what they do, the guest or the hardware else', () => {
    const use = (event: EventName) => {
      const account = accountOf();
      account.charge(Mechanism.pageTables, Event[event], 3);
      return cpuUseOf(account);
    };
    expect(use('multicall')).toEqual({ ns: 30, hypervisorNs: 30, hypercalls: 3, exits: 0 });
    expect(use('pageFaultExit')).toEqual({ ns: 30, hypervisorNs: 30, hypercalls: 0, exits: 3 });
    expect(use('pageUpdate')).toEqual({ ns: 30, hypervisorNs: 30, hypercalls: 0, exits: 0 });
    for (const event of ['access', 'pteStore', 'guestPageFault', 'tableReference', 'pageCopy'] as const)
      expect(use(event)).toEqual({ ns: 30, hypervisorNs: 0, hypercalls: 0, exits: 0 });
  });

  it('while it scrubs is the kernel for a page of a program, and the hypervisor for one that goes back to the heap', () => {
    const account = accountOf();
    account.charge(Mechanism.pageTables, Event.pageScrub, 5);
    account.charge(Mechanism.populate, Event.pageScrub, 2);
    expect(cpuUseOf(account)).toMatchObject({ ns: 70, hypervisorNs: 20 });
  });

  it('adds up over all events: no more in the hypervisor than in all', () => {
    const account = accountOf();
    for (const name of EVENT_NAMES) account.charge(Mechanism.work, Event[name]);
    const { ns, hypervisorNs, hypercalls, exits } = cpuUseOf(account);
    expect(ns).toBe(EVENT_NAMES.length * 10);
    expect(hypervisorNs).toBeLessThan(ns);
    expect((hypercalls + exits) * 10).toBeLessThan(hypervisorNs);
  });
});
