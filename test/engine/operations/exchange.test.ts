import { describe, expect, it } from 'vitest';
import { type ModelId, audit, destroyDomain } from '../../../engine/index.js';
import { asMfn, asPfn } from '../../../engine/host/frame-number.js';
import { exchangeContiguous } from '../../../engine/operations/exchange.js';
import { linuxOn } from '../linux/support.js';
import { domainOn } from '../support.js';
import { hostWith, must, ruleOf } from '../devices/support.js';

/** 32 low frames that are free, 32 that are not, and a bank above; the domain has single frames of the upper bank. */
const scene = (model: ModelId) => {
  const host = hostWith([
    [0, 64],
    [1024, 256],
  ]);
  const low = domainOn(host, 'low', 'direct', 64);
  const domain = domainOn(host, 'domain', model, 96);
  expect(destroyDomain(low, low.builder)).toBe(null);
  const half = domainOn(host, 'half', 'direct', 32);
  return { host, domain, half };
};

describe.each(['p2m', 'insert'] as const)('an exchange for contiguous frames under %s', (model) => {
  it('gives frames that follow each other below the mask, and the old ones go back scrubbed', () => {
    const { host, domain } = scene(model);
    const free = host.heap.freeFrames;
    const first = domain.free.takeRun(8)!;
    const others = domain.model.ownedFrames().filter((pfn) => pfn < first || pfn >= first + 8);
    const before = others.map((pfn) => domain.readKernel(pfn));
    const old = Array.from({ length: 8 }, (_, page) => domain.model.machineFrame(asPfn(first + page)));
    for (let page = 0; page < 8; page += 1) domain.readKernel(asPfn(first + page));
    domain.account.enter('exchange');
    expect(exchangeContiguous(domain, first, 3, 18)).toBe(null);
    const now = Array.from({ length: 8 }, (_, page) => domain.model.machineFrame(asPfn(first + page)));
    expect(now).toEqual(now.map((_, page) => now[0] + page));
    expect(now[7]).toBeLessThan(64);
    expect(now.map((mfn) => host.frames.guestFrame(mfn))).toEqual(now.map((_, page) => first + page));
    expect(old.every((mfn) => host.heap.isFree(mfn) && host.frames.contents(mfn) === 0)).toBe(true);
    expect(host.heap.freeFrames).toBe(free);
    expect(now.map((_, page) => domain.readKernel(asPfn(first + page)))).toEqual(now.map(() => 0));
    expect(others.map((pfn) => domain.readKernel(pfn))).toEqual(before);
    expect([domain.account.count('exchangedFrame'), domain.account.count('hypercall', 'exchange')]).toEqual([8, 1]);
    expect(audit(host)).toEqual([]);
  });

  it('does nothing where they are contiguous and low enough already', () => {
    const { domain } = scene(model);
    const first = domain.free.takeRun(8)!;
    must(exchangeContiguous(domain, first, 3, 18) as never);
    const mfn = domain.model.machineFrame(first);
    const count = domain.account.count('exchangedFrame');
    expect(exchangeContiguous(domain, first, 3, 20)).toBe(null);
    expect([domain.model.machineFrame(first), domain.account.count('exchangedFrame')]).toEqual([mfn, count]);
  });

  it('is refused where the host has no run below the mask, and nothing has moved', () => {
    const { host, domain, half } = scene(model);
    const rest = domainOn(host, 'rest', 'direct', 28);
    const first = domain.free.takeRun(8)!;
    const before = domain.model.machineFrame(first);
    expect(ruleOf(exchangeContiguous(domain, first, 3, 18))).toBe('contiguous-below-mask');
    expect([domain.model.machineFrame(first), host.heap.isFree(asMfn(60), 2)]).toEqual([before, true]);
    for (const each of [rest, half]) expect(destroyDomain(each, each.builder)).toBe(null);
    expect(exchangeContiguous(domain, first, 3, 18)).toBe(null);
    expect(audit(host)).toEqual([]);
  });

  it('is refused for a frame that another domain maps or a device has', () => {
    const { host, domain } = scene(model);
    const first = domain.free.takeRun(8)!;
    host.frames.addPins(domain.model.machineFrame(asPfn(first + 3)), 1);
    expect(ruleOf(exchangeContiguous(domain, first, 3, 18))).toBe('not-referenced');
  });
});

it('direct has nothing to exchange: its guest frame is the address', () => {
  const { domain } = scene('direct');
  const first = domain.free.takeRun(8)!;
  expect(exchangeContiguous(domain, first, 3, 30)).toBe(null);
  expect(ruleOf(exchangeContiguous(domain, first, 3, 12))).toBe('other-frames');
});

it('under P2M on x86-64 the kernel’s direct map follows, by two calls a page, and the type counts with it', () => {
  const machine = linuxOn('p2m', 600);
  const { domain, memory } = machine;
  const first = domain.free.takeRun(4, (pfn) => pfn >= 510)!;
  const old = domain.model.machineFrame(first);
  domain.account.enter('exchange');
  expect(exchangeContiguous(domain, first, 2, 32)).toBe(null);
  const now = domain.model.machineFrame(first);
  expect(memory!.isKernelWritable(now)).toBe(true);
  expect(domain.host.frames.references(old)).toBe(0);
  expect(domain.account.count('vaMappingUpdate', 'exchange')).toBe(8);
  expect(machine.violations()).toEqual([]);
});
