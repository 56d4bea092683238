import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Domain, Simulation, asPfn, audit, buildDomain, destroyDomain, isFinding } from '../../../engine/index.js';
import { bootArmHost } from '../../../engine/arm/boot.js';
import { bootControlDomain } from '../../../engine/arm/control-domain.js';
import { type ForeignMapping, mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { ARM64_4K } from '../../../engine/paging/format.js';
import { countsOnlyPlatform, radixScheme } from '../../../validation/predictions/counts-only-platform.js';

const MIB = 2 ** 20;
const GUEST_PAGES = 64;

const boot = (ballooned: 'kept' | 'released') => {
  const platform = countsOnlyPlatform({
    id: 'small',
    banks: [{ start: 64 * MIB, size: 64 * MIB }],
    scheme: radixScheme(ARM64_4K),
  });
  const arm = bootArmHost('host', new Simulation(platform, 'random'), {
    xen: { start: 66 * MIB, end: 67 * MIB },
    modules: [{ start: 72 * MIB, end: 73 * MIB }],
    deviceTreeFrames: 5,
    controlDomain: 'domain0',
    staticMemory: [],
  });
  const domain0 = bootControlDomain(arm, (4 * MIB) / 4096, [], { ballooned });
  if (isFinding(domain0)) throw new Error(domain0.detail);
  return { arm, domain0, stage: arm.site.models.get(domain0)!.secondStage };
};

const operation = fc.record({
  kind: fc.constantFrom('out', 'in', 'map', 'unmap', 'write', 'build', 'destroy'),
  at: fc.nat(),
});

describe('random operations of a direct domain0 on Arm', () => {
  it.each(['kept', 'released'] as const)(
    'leave no rule broken, and each frame where a plain list has it: %s',
    (ballooned) =>
      fc.assert(
        fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
          const { arm, domain0, stage } = boot(ballooned);
          const { host } = arm;
          const builder = host.simulation.ledger.account('toolstack');
          const own = new Set(domain0.free.copy());
          const out: number[] = [];
          let guest: Domain | null = null;
          let mappings: { readonly mapping: ForeignMapping; readonly pfns: readonly number[] }[] = [];
          for (const { kind, at } of operations) {
            if (kind === 'out') {
              const pfn = domain0.balloon.out();
              if (!isFinding(pfn)) out.push(pfn);
            } else if (kind === 'in' && out.length > 0) {
              const index = at % out.length;
              if (domain0.balloon.in(asPfn(out[index])) === null) out.splice(index, 1);
              else expect(mappings.length > 0 || ballooned === 'released').toBe(true);
            } else if (kind === 'build' && guest === null) {
              const built = buildDomain(host, { name: 'guest', model: 'nested', builder }, GUEST_PAGES);
              if (isFinding(built)) throw new Error(built.detail);
              guest = built;
            } else if (kind === 'map' && guest !== null && mappings.length < 4) {
              const pfns = Array.from({ length: 1 + (at % 8) }, (_, page) => (at + page) % GUEST_PAGES);
              const mapping = mapForeign(domain0, guest, pfns.map(asPfn), {
                writable: at % 2 === 0,
                firstPage: mappings.length * 8,
              });
              if (isFinding(mapping)) throw new Error(mapping.detail);
              mappings.push({ mapping, pfns });
            } else if (kind === 'unmap' && mappings.length > 0) {
              mappings.pop()!.mapping.unmap();
            } else if (kind === 'write') {
              const free = domain0.free.copy();
              domain0.writeKernel(free[at % free.length]);
            } else if (kind === 'destroy' && guest !== null) {
              if (mappings.length > 0) expect(destroyDomain(guest, builder)).toMatchObject({ rule: 'not-referenced' });
              for (const { mapping } of mappings.toReversed()) mapping.unmap();
              mappings = [];
              expect(destroyDomain(guest, builder)).toBeNull();
              guest = null;
            }
            for (const { mapping, pfns } of mappings) {
              pfns.forEach((pfn, index) => expect(mapping.read(index)).toBe(guest!.model.machineFrame(asPfn(pfn))));
            }
            expect(audit(host)).toEqual([]);
          }
          for (const { mapping } of mappings.toReversed()) mapping.unmap();
          for (const pfn of own) expect(stage.machineFrame(pfn)).toBe(out.includes(pfn) ? NO_FRAME : pfn);
        }),
        { numRuns: 25 },
      ),
  );
});
