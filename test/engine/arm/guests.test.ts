import { describe, expect, it } from 'vitest';
import {
  type Pfn,
  Simulation,
  asPfn,
  audit,
  buildDomain,
  destroyDomain,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../engine/index.js';
import { type ArmLayout, bootArmHost, finishBoot } from '../../../engine/arm/boot.js';
import { startLinux } from '../../../engine/arm/start-linux.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { relocatePages } from '../../../engine/operations/relocate.js';
import { ARM64_4K } from '../../../engine/paging/format.js';
import {
  PAGES_A_MEBIBYTE,
  countsOnlyPlatform,
  radixScheme,
} from '../../../validation/predictions/counts-only-platform.js';
import { bootDomain0, built, countRuns, recordedHost, runGuest } from '../../../validation/scenes/arm-host.js';

const MIB = 2 ** 20;
const PLATFORM = countsOnlyPlatform({
  id: 'small',
  banks: [{ start: 64 * MIB, size: 32 * MIB }],
  scheme: radixScheme(ARM64_4K),
  pagingPool: { pagesAVcpu: 16, pagesAMebibyte: { nested: 1, shadow: 1 }, pagesADomain: 0, multipleOf: 1 },
});
const LAYOUT: ArmLayout = {
  xen: { start: 66 * MIB, end: 67 * MIB },
  modules: [],
  deviceTreeFrames: 0,
  controlDomain: 'domain0',
  staticMemory: [],
};
const GRANT_FRAME = asPfn(2 ** 20);

const MEMORY = { imagePages: 100, ownPages: 50 };

/** A small host with a guest of 4 MiB whose Linux runs: its shared page stands in the middle of the kernel's own. */
const small = (memoryFrom: 'tools' | 'hypervisor') => {
  const arm = bootArmHost('host', new Simulation(PLATFORM, 'arm'), LAYOUT);
  finishBoot(arm);
  const { host } = arm;
  const free = host.heap.freeFrames;
  const builder = host.simulation.ledger.account('toolstack');
  const spec = { name: 'guest', model: 'nested', options: { memoryFrom }, paging: 'nested', builder } as const;
  const guest = built(buildDomain(host, spec, 4 * PAGES_A_MEBIBYTE));
  const ownedBefore = guest.model.ownedFrames();
  startLinux(guest, GRANT_FRAME, MEMORY);
  const hypervisor: Pfn[] = [];
  guest.model.secondStage!.forEachEntry(({ pfn, kind }) => kind === 'hypervisor' && hypervisor.push(pfn));
  return { host, guest, free, builder, ownedBefore, shared: hypervisor.find((pfn) => pfn !== GRANT_FRAME)! };
};

describe.each(['tools', 'hypervisor'] as const)('a running guest on Arm, its memory from the %s', (memoryFrom) => {
  it('keeps the page behind the shared page, out of its reach', () => {
    const { host, guest, ownedBefore, shared } = small(memoryFrom);
    expect(guest.model.ownedFrames()).toEqual(ownedBefore);
    const behind = guest.model.machineFrame(shared);
    expect(host.frames.owner(behind)).toBe(guest.id);
    expect(guest.mmu.access(Region.kernel, shared, false)).not.toBe(behind);
    expect(guest.free.copy()).not.toContain(shared);
    expect(audit(host)).toEqual([]);
  });

  it('gives all back when it is destroyed', () => {
    const { host, guest, free, builder } = small(memoryFrom);
    expect(destroyDomain(guest, builder)).toBeNull();
    expect(host.heap.freeFrames).toBe(free);
    expect(audit(host)).toEqual([]);
  });

  it('can have the page behind its shared page moved', () => {
    const { host, guest, builder, shared } = small(memoryFrom);
    const before = guest.model.machineFrame(shared);
    relocatePages({ domain: guest, pfns: [shared], payer: builder });
    expect(guest.model.machineFrame(shared)).not.toBe(before);
    expect(audit(host)).toEqual([]);
  });

  it('is the same out of a checkpoint', () => {
    const { host, guest, shared } = small(memoryFrom);
    const simulation = restoreCheckpoint(saveCheckpoint(host.simulation), {
      platform: PLATFORM,
      makeHost: (_name, made) => bootArmHost('host', made, LAYOUT).host,
    });
    const [copy] = simulation.hosts[0].domains.values();
    expect(copy.model.machineFrame(shared)).toBe(guest.model.machineFrame(shared));
    expect(copy.model.ownedFrames()).toEqual(guest.model.ownedFrames());
    expect(audit(simulation.hosts[0])).toEqual([]);
    const payer = simulation.ledger.account('toolstack');
    expect(destroyDomain(copy, payer)).toBeNull();
    expect(audit(simulation.hosts[0])).toEqual([]);
  });
});

describe('runs of a translated guest', () => {
  it('that Xen builds by itself: 4 in 256 MiB, one chunk with the shared page in it, and the grant frame', () => {
    const arm = recordedHost(2048);
    built(bootDomain0(arm, 512));
    expect(countRuns(runGuest(arm, 256 * PAGES_A_MEBIBYTE, 'hypervisor'))).toBe(4);
  });

  it('that the tools build: 379 in 744 MiB beside a domain0 of 256 MiB on 1024 MiB', () => {
    const arm = recordedHost(1024, [], 'tools');
    built(bootDomain0(arm, 256));
    expect(countRuns(runGuest(arm, 744 * PAGES_A_MEBIBYTE, 'tools'))).toBe(379);
  });
});
