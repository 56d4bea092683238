import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Domain,
  Simulation,
  audit,
  buildDomain,
  destroyDomain,
  isFinding,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../engine/index.js';
import { bootArmHost } from '../../../engine/arm/boot.js';
import { bootControlDomain } from '../../../engine/arm/control-domain.js';
import { ForeignMapping, mapForeign } from '../../../engine/domain/foreign-mapping.js';
import type { Archive } from '../../../engine/checkpoint/archive.js';
import { ARM64_4K } from '../../../engine/paging/format.js';
import { countsOnlyPlatform, radixScheme } from '../../../validation/predictions/counts-only-platform.js';

const MIB = 2 ** 20;
const PLATFORM = countsOnlyPlatform({
  id: 'small',
  banks: [{ start: 64 * MIB, size: 16 * MIB }],
  scheme: radixScheme(ARM64_4K),
});

const bootHost = (simulation: Simulation) =>
  bootArmHost('host', simulation, {
    xen: { start: 66 * MIB, end: 67 * MIB },
    modules: [{ start: 72 * MIB, end: 73 * MIB }],
    deviceTreeFrames: 5,
    controlDomain: 'domain0',
    staticMemory: [{ domain: 'guest', ranges: [{ start: 74 * MIB, end: 74 * MIB + 32 * 4096 }] }],
  });

interface Machine {
  readonly simulation: Simulation;
  mappings: ForeignMapping[];
}

const step = fc.record({
  kind: fc.constantFrom('out', 'out', 'in', 'map', 'unmap', 'write', 'build', 'build', 'destroy'),
  at: fc.nat(100),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const domainsOf = ({ simulation }: Machine): Domain[] => [...simulation.hosts[0].domains.values()];

const take = (machine: Machine, { kind, at }: Step): void => {
  const { simulation, mappings } = machine;
  const [host] = simulation.hosts;
  const [domain0, guest] = domainsOf(machine);
  const builder = simulation.ledger.account('toolstack');
  if (kind === 'out') domain0.balloon.out();
  if (kind === 'in') {
    const out = domain0.balloon.frames;
    if (out.length > 0) domain0.balloon.in(out[at % out.length]);
  }
  if (kind === 'write') {
    const free = domain0.free.copy();
    domain0.writeKernel(free[at % free.length]);
  }
  if (kind === 'build' && guest === undefined) {
    buildDomain(host, { name: 'guest', model: at % 2 === 0 ? 'direct' : 'nested', builder }, 32);
  }
  if (kind === 'destroy' && guest !== undefined && mappings.length === 0) destroyDomain(guest, builder);
  if (kind === 'map' && guest !== undefined && mappings.length < 3) {
    const pfns = guest.model.ownedFrames().slice(at % 8, (at % 8) + 3);
    const mapping = mapForeign(domain0, guest, pfns, { writable: at % 2 === 0, firstPage: mappings.length * 8 });
    if (!isFinding(mapping)) mappings.push(mapping);
  }
  if (kind === 'unmap') mappings.pop()?.unmap();
};

const own =
  (machine: Machine) =>
  (archive: Archive): void => {
    machine.mappings = archive.list('mappings', machine.mappings, (each, mapping) =>
      ForeignMapping.checkpoint(each, mapping),
    );
  };

const view = (machine: Machine): object => {
  const [host] = machine.simulation.hosts;
  const free: number[][] = [];
  host.heap.forEachChunk((first, frames) => free.push([first, frames]));
  const domains = domainsOf(machine).map((domain) => {
    const entries: object[] = [];
    domain.model.secondStage?.forEachEntry((entry) => entries.push(entry));
    const frames = domain.free.copy();
    return { name: domain.name, entries, frames, owned: domain.model.ownedFrames(), ballooned: domain.balloon.frames };
  });
  return { free, domains, violations: audit(host), ledger: machine.simulation.ledger.entries() };
};

describe('a direct domain0 on Arm that is saved at any point, restored and run on is the one without the stop', () => {
  it.each(['kept', 'released'] as const)('%s', (ballooned) => {
    const sequence = fc.array(step, { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(sequence, sequence, (before, after) => {
        const arm = bootHost(new Simulation(PLATFORM, 'arm'));
        const domain0 = bootControlDomain(arm, MIB / 4096, [], { ballooned });
        if (isFinding(domain0)) throw new Error(domain0.detail);
        const machine: Machine = { simulation: arm.host.simulation, mappings: [] };
        for (const each of before) take(machine, each);
        const bytes = saveCheckpoint(machine.simulation, own(machine));
        const mappings: Machine = { simulation: machine.simulation, mappings: [] };
        const simulation = restoreCheckpoint(bytes, {
          platform: PLATFORM,
          own: own(mappings),
          makeHost: (_name, made) => bootHost(made).host,
        });
        const copy: Machine = { simulation, mappings: mappings.mappings };
        expect(view(copy)).toEqual(view(machine));
        for (const each of after) {
          take(machine, each);
          take(copy, each);
        }
        expect(view(copy)).toEqual(view(machine));
        const again = saveCheckpoint(simulation, own(copy));
        expect(Buffer.compare(again, saveCheckpoint(machine.simulation, own(machine)))).toBe(0);
      }),
      { numRuns: 6, seed: 2006 },
    );
  });
});
