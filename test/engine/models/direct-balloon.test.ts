import { describe, expect, it } from 'vitest';
import { asMfn, asPfn, audit, giveBank, isFinding, plugBank, vacate } from '../../../engine/index.js';
import { labOf, PLATFORM_FILES } from '../../workloads/platform-cases.js';
import { domainOn, hostOf, platformOf } from '../support.js';

const setUp = (ballooned: 'released' | 'kept') => {
  const host = hostOf(platformOf([[0, 64]]));
  const domain = domainOn(host, 'driver', 'direct', 32, { ballooned });
  const free = host.heap.freeFrames;
  const pfn = domain.balloon.out();
  if (isFinding(pfn)) throw new Error(pfn.detail);
  return { host, domain, free, pfn };
};

describe('a frame that a P==M domain balloons out', () => {
  it('released, is free for others, and is back only once they have given it up', () => {
    const { host, domain, free, pfn } = setUp('released');
    expect(host.heap.freeFrames).toBe(free + 1);
    expect(host.heap.allocateAt(asMfn(pfn), 0)).toBe(true);
    expect(domain.balloon.in(pfn)).toMatchObject({ rule: 'same-frames-free' });
    host.heap.free(asMfn(pfn), 0);
    expect(domain.balloon.in(pfn)).toBeNull();
    expect(audit(host)).toEqual([]);
  });

  it('kept, stays the domain’s, scrubbed, so that nothing is freed and it always comes back', () => {
    const { host, domain, free, pfn } = setUp('kept');
    expect(host.heap.freeFrames).toBe(free);
    expect(host.frames.owner(asMfn(pfn))).toBe(domain.id);
    expect(host.frames.contents(asMfn(pfn))).toBe(0);
    expect(audit(host)).toEqual([]);
    expect(domain.balloon.in(pfn)).toBeNull();
    expect(audit(host)).toEqual([]);
  });

  it('kept, does not empty a frame that is to be vacated', () => {
    const { domain } = setUp('kept');
    const [pfn] = domain.free.copy();
    expect(vacate(domain, [pfn]).blocked).toMatchObject([{ finding: { rule: 'frames-released' } }]);
  });
});

it('a P==M domain whose MMU walks tables maps the memory of a bank that was plugged in', () => {
  const file = PLATFORM_FILES.find(({ id }) => id === 'arm64-2026')!;
  const direct = { model: 'direct', options: {} } as const;
  const { lab, record } = labOf({ title: file.id, file, roles: { control: direct, driver: direct, guest: direct } });
  lab.host('host');
  const [host] = record.simulation.hosts;
  const [domain] = host.domains.values();
  const bank = { start: 256 * 2 ** 20, size: 16 * 2 ** 20 };
  expect(isFinding(plugBank(host, bank, domain.account))).toBe(false);
  const given = giveBank(domain, bank);
  if (isFinding(given)) throw new Error(given.detail);
  domain.writeKernel(asPfn(given[given.length - 1]));
  expect(audit(host)).toEqual([]);
});
