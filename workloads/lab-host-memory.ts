import { perFrameTablePages, verifyContents } from '../engine/index.js';
import type { LabHostMemory } from './host-memory.js';
import { labBanks } from './lab-banks.js';
import { takeFrameMap } from './lab-frame-maps.js';
import { labLayout } from './lab-layout.js';
import { requireContents } from './lab-migration.js';
import { labOvercommit } from './lab-overcommit.js';
import type { MemorySurroundings } from './memory-surroundings.js';

const MIB = 2 ** 20;

export const labHostMemory = (surroundings: MemorySurroundings): LabHostMemory => ({
  lay(banks, control) {
    const { platform } = surroundings.simulation;
    const { frameTable, machineToPhysical, hypervisorBytes, pageBytes } = platform;
    const laid = banks.map(({ start, size }) => ({ start: start * MIB, size: size * MIB }));
    const tables = [frameTable, machineToPhysical].map((table) =>
      table === undefined ? 0 : perFrameTablePages(table, laid, pageBytes) * pageBytes,
    );
    const installed = laid.reduce((sum, { size }) => sum + size, 0);
    const needed = tables.reduce((sum, bytes) => sum + bytes, hypervisorBytes);
    if (needed > installed) {
      const detail = `tables about these banks and the hypervisor take ${needed / MIB} MiB of the ${installed / MIB} MiB that are installed`;
      surroundings.findings.push({ operation: 'build', model: 'none', rule: 'frame-tables-fit', detail });
      return false;
    }
    surroundings.replaceSimulation({ ...platform, banks: laid, controlDomainBytes: control * MIB });
    return true;
  },
  get hypervisorSize() {
    return surroundings.simulation.platform.hypervisorBytes / MIB;
  },
  banks: labBanks(surroundings),
  overcommit: labOvercommit(surroundings),
  layout: labLayout(surroundings),
  frameMap(face, moment, { name, domains } = { name: '', domains: [] }) {
    const joined = new Set(domains.map((each) => surroundings.insideOf(each).domain));
    takeFrameMap(surroundings.frameMaps, surroundings.hostOf(face), moment, (domain) => ({
      use: 'domain',
      name: joined.has(domain) ? name : domain.name,
    }));
  },
  check(face) {
    for (const domain of surroundings.hostOf(face).domains.values()) requireContents(domain, verifyContents(domain));
  },
});
