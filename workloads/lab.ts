import {
  type AccessPattern,
  type AffinitySpec,
  type Domain,
  type DomainSpec,
  Host,
  type Finding,
  type ModelId,
  type ModelOptions,
  type Platform,
  Simulation,
  buildDomain,
  buildOnDemand,
  destroyDomain,
  encodeAccess,
  hasIdentityStage,
  isFinding,
} from '../engine/index.js';
import { type Inside, labDomain, labUse } from './lab-domain.js';
import { labDrivers } from './lab-drivers.js';
import { labHostMemory } from './lab-host-memory.js';
import { type LabRecord, createRecord, labRecording } from './lab-record.js';
import { createLabNodes, platformWithNodes } from './lab-nodes.js';
import { controlPages, createLabPolicy, makeOwner, platformUnder } from './lab-policy.js';
import type { LabPolicyRules } from './policy.js';
import { STEP_SECONDS } from './lab-migration.js';
import { createLabMoves } from './lab-moves.js';
import { burstyPattern } from './patterns/bursty.js';
import { hotAndColdPattern } from './patterns/hot-and-cold.js';
import { sweepPattern } from './patterns/sweep.js';
import { uniformPattern } from './patterns/uniform.js';
import type { LabNodes } from './nodes.js';
import type { Lab, LabDomain, LabHost } from './workload.js';

export type { LabRecord };

/** Which model, with which options, each role has. */
export type Roles = Readonly<
  Record<'control' | 'driver' | 'guest', { readonly model: ModelId; readonly options: ModelOptions }>
>;

export interface LabSetting {
  readonly platform: Platform;
  readonly roles: Roles;
  readonly seed: string;
  /** What the platform leaves open and the alternative says, e.g. `iommu` to `none`; for the rest the platform's defaults. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** Loads a recorded program for a page size, starting at a place from 0 to below 1. */
  readonly recorded: (trace: string, pageBytes: number, place: number) => AccessPattern;
}

/** Makes a lab for one run, and the record that the run fills. */
export const createLab = (setting: LabSetting): { lab: Lab; record: LabRecord } => {
  const { platform, roles, seed } = setting;
  let simulation = new Simulation(platform, seed);
  let rules: LabPolicyRules | null = null;
  const record = createRecord(() => simulation);
  const insides = new Map<LabDomain, Inside>();
  const hostsOf = new Map<LabHost, Host>();
  const runsOn = new Map<LabDomain, number>();
  const controlOf = (host: Host): Domain => {
    const [face] = [...hostsOf].find(([, each]) => each === host)!;
    return insides.get(face.control)!.domain;
  };

  const wrap = (domain: Domain, role: keyof Roles): LabDomain => {
    const { face, inside } = labDomain(domain, role, {
      domainOf: (other) => insides.get(other)!.domain,
      refused: (finding) => void record.findings.push(finding),
    });
    insides.set(face, inside);
    return face;
  };

  const built = (result: Domain | Finding, role: keyof Roles): LabDomain | null => {
    if (!isFinding(result)) return wrap(result, role);
    record.findings.push(result);
    return null;
  };

  const pagesIn = (bytes: number): number => Math.floor(bytes / platform.pageBytes);

  const makeHost = (name: string, affinity?: AffinitySpec): LabHost | null => {
    const host = new Host(name, simulation);
    const builder = simulation.ledger.account(hostsOf.size === 0 ? 'hypervisor' : `${name} hypervisor`);
    const controlName = hostsOf.size === 0 ? 'control' : `${name} control`;
    const spec = { name: controlName, ...roles.control, builder, ...(affinity === undefined ? {} : { affinity }) };
    const pages = rules === null ? pagesIn(simulation.platform.controlDomainBytes) : controlPages(host, rules);
    const control = built(buildDomain(host, spec, pages), 'control');
    if (control === null) return null;
    if (rules !== null) makeOwner(insides.get(control)!.domain, rules);
    const face: LabHost = {
      name,
      control,
      build: (role, domainName, memory) => buildOn(face, { role, name: domainName, memory }),
      destroy(other) {
        const refusal = destroyDomain(insides.get(other)!.domain, insides.get(control)!.domain.account);
        if (refusal === null) return true;
        record.findings.push(refusal);
        return false;
      },
      get installedPages() {
        return host.installedFrames;
      },
      get freeBytes() {
        return host.heap.freeFrames * platform.pageBytes;
      },
      bootUse: () => labUse(builder),
    };
    hostsOf.set(face, host);
    return face;
  };

  /** Behind an identity second stage a P==M domain has a pool for its tables, as one of VP has. */
  const specOf = (face: LabHost, role: 'guest' | 'driver', name: string): DomainSpec => {
    const { account: builder } = insides.get(face.control)!.domain;
    const isStaged = hasIdentityStage(platform) && roles[role].model === 'direct';
    return { name, ...roles[role], builder, ...(isStaged ? { paging: 'nested' } : {}) };
  };

  const buildOn: LabNodes['build'] = (face, { role, name, memory }, affinity) => {
    const spec = { ...specOf(face, role, name), ...(affinity === undefined ? {} : { affinity }) };
    return built(buildDomain(hostsOf.get(face)!, spec, pagesIn(memory * 2 ** 20)), role);
  };

  const domainOf = (face: LabDomain): Domain => insides.get(face)!.domain;

  /** Begins anew with other memory; false when the platform has no nodes and they are asked for. */
  const startOn = (resized: Platform | null): boolean => {
    if (hostsOf.size > 0) throw new Error('other memory is asked for before any host is made');
    if (resized !== null) {
      simulation = new Simulation(resized, seed);
      return true;
    }
    const detail = `${platform.id} has all its memory on one node`;
    record.findings.push({ operation: 'build', model: 'none', rule: 'platform-has-nodes', detail });
    return false;
  };

  const labNodes = (): LabNodes =>
    createLabNodes({
      simulation,
      findings: record.findings,
      frameMaps: record.frameMaps,
      hostOf: (face) => hostsOf.get(face)!,
      domainOf,
      controlOf: ({ host }) => controlOf(host),
      host: makeHost,
      build: buildOn,
      runsOn,
    });

  const lab: Lab = {
    pageBytes: platform.pageBytes,

    host: (name) => makeHost(name),

    nodes: (count, memory) => (startOn(platformWithNodes(platform, count, memory)) ? labNodes() : null),

    policy(given) {
      if (!startOn(platformUnder(platform, given))) return null;
      rules = given;
      return createLabPolicy({
        simulation,
        findings: record.findings,
        domainOf,
        nodes: given.nodes === undefined ? null : labNodes(),
        host: (name) => makeHost(name),
      });
    },

    get seconds() {
      return simulation.clock.nowNs / 1e9;
    },

    advance(seconds) {
      simulation.clock.advanceTo(simulation.clock.nowNs + seconds * 1e9);
    },

    random: (id) => simulation.stream(id),

    patterns: {
      uniform: uniformPattern,
      hotAndCold: hotAndColdPattern,
      bursty: burstyPattern,
      sweep: sweepPattern,
      recorded: (trace, stream) => setting.recorded(trace, platform.pageBytes, stream.uint32() / 2 ** 32),
      access: encodeAccess,
    },

    ...createLabMoves({
      get simulation() {
        return simulation;
      },
      findings: record.findings,
      insideOf: (face) => insides.get(face)!,
      controlOf,
    }),

    drivers: labDrivers({
      get simulation() {
        return simulation;
      },
      conditions: setting.conditions ?? {},
      findings: record.findings,
      domainOf,
      replace: (face, domain) => void (insides.get(face)!.domain = domain),
      roleOf: (face) => insides.get(face)!.role,
      controlOf,
      nodeOf: (face) => runsOn.get(face),
    }),
    memory: labHostMemory({
      get simulation() {
        return simulation;
      },
      replaceSimulation(resized) {
        if (hostsOf.size > 0) throw new Error('banks are laid out before any host is made');
        simulation = new Simulation(resized, seed);
      },
      findings: record.findings,
      frameMaps: record.frameMaps,
      hostOf: (face) => hostsOf.get(face)!,
      insideOf: (face) => insides.get(face)!,
      insideOfDomain: (domain) => [...insides.values()].find((each) => each.domain === domain),
      controlOf,
      buildOnDemand: (face, { role, name, memory, frames }, hypothetical) => {
        const size = { pages: pagesIn(memory * 2 ** 20), frames: pagesIn(frames * 2 ** 20), hypothetical };
        return built(buildOnDemand(hostsOf.get(face)!, specOf(face, role, name), size), role);
      },
    }),
    clockGHz: (platform.clockHz ?? 1e9) / 1e9,
    stepSeconds: STEP_SECONDS,

    ...labRecording(record, (face) => ({ name: domainOf(face).name, model: domainOf(face).model.id })),
  };
  return { lab, record };
};
