import {
  type Domain,
  type Finding,
  type GrantReferences,
  type Host,
  type Iommu,
  type Simulation,
  audit,
  isFinding,
  restartCrashed,
  takeDownCrashed,
  verifyContents,
} from '../engine/index.js';
import type { LabDevice, LabDrivers, LabGuard, LabLine, LabRestart } from './driver-types.js';
import { type InsideDevice, makeDevice } from './lab-devices.js';
import { type InsideLine, makeLine } from './lab-lines.js';
import { runTraffic } from './lab-traffic.js';
import type { LabDomain } from './workload.js';

export interface DriverSetting {
  readonly simulation: Simulation;
  readonly conditions: Readonly<Record<string, string>>;
  readonly findings: Finding[];
  readonly domainOf: (face: LabDomain) => Domain;
  readonly replace: (face: LabDomain, domain: Domain) => void;
  readonly roleOf: (face: LabDomain) => 'control' | 'driver' | 'guest';
  readonly controlOf: (host: Host) => Domain;
  readonly nodeOf: (face: LabDomain) => number | undefined;
}

/** Devices and split drivers of one lab. */
export const labDrivers = (setting: DriverSetting): LabDrivers => {
  const { domainOf, roleOf } = setting;
  const iommus = new Map<Host, Map<LabGuard, Iommu>>();
  const devices = new Map<LabDevice, InsideDevice>();
  const lines = new Map<LabLine, InsideLine>();
  const references = new Map<Domain, GrantReferences>();
  const windows = new Map<Domain, number>();

  let refusedBy: string | null = null;

  /** A crash that the workload asked for is nothing that was refused. */
  const refused = (finding: Finding): void => {
    if (finding.rule === 'backend-alive') return;
    refusedBy = finding.rule;
    const same = setting.findings.some(
      ({ operation, rule, model }) =>
        operation === finding.operation && rule === finding.rule && model === finding.model,
    );
    if (!same) setting.findings.push(finding);
  };

  const nextWindow = (backend: Domain): number => {
    const window = windows.get(backend) ?? 0;
    windows.set(backend, window + 1);
    return window;
  };

  const make = (face: LabDomain, options: InsideDevice['options']): ReturnType<typeof makeDevice> =>
    makeDevice({ domain: domainOf(face), face, role: roleOf(face) }, options, setting.conditions, iommus);

  return {
    assign(face, options) {
      const made = make(face, options);
      if (isFinding(made)) {
        refused(made);
        return null;
      }
      devices.set(made.device, made.inside);
      return made.device;
    },

    connect(frontend, to, options) {
      const upstream = 'domains' in to ? lines.get(to)! : null;
      const deviceFace = 'domains' in to ? to.device : to;
      const backendFace = 'domains' in to ? to.domains[to.domains.length - 1] : to.domain;
      const window = nextWindow(domainOf(backendFace));
      const device = devices.get(deviceFace)!;
      const parts = { frontend, device, deviceFace, upstream, domainOf, refused, window, references };
      const made = makeLine(parts, options);
      if (isFinding(made)) {
        refused(made);
        return null;
      }
      lines.set(made.face, made);
      return made.face;
    },

    get refusedBy() {
      return refusedBy;
    },

    traffic: (options) =>
      runTraffic(
        {
          platform: setting.simulation.platform,
          stream: setting.simulation.stream('arrivals of packets'),
          domainOf,
          insideOf: (line) => lines.get(line)!,
          nodeOf: setting.nodeOf,
          pass: (ns) => setting.simulation.clock.advanceTo(setting.simulation.clock.nowNs + ns),
        },
        options,
      ),

    crash(face, crashed, { under, served }): LabRestart | null {
      const inside = crashed.map((line) => lines.get(line)!);
      const device = devices.get(face)!;
      const dead = domainOf(face.domain);
      const control = setting.controlOf(dead.host);
      const reachOf = (): number => {
        const { granted, others, hypervisor, free } = face.reach();
        return granted + others + hypervisor + free;
      };
      const before = reachOf();
      device.fuse.left = served;
      const answered = crashed.map((line) => line.move('out', under).intact);
      device.fuse.left = Infinity;
      const unanswered = crashed.map((_, index) => under - answered[index]);
      if (dead === control) {
        refused({
          operation: 'restart',
          model: dead.model.id,
          rule: 'host-goes-with-it',
          detail: `${dead.name} drove the device; it is the control domain, so that ${dead.host.domains.size} domains of ${dead.host.name} start anew`,
        });
        return null;
      }
      const { account } = control;
      const scrubbed = account.count('pageScrub');
      const startNs = account.cpuNs;
      const down = takeDownCrashed(dead, account);
      if (isFinding(down)) {
        refused(down);
        return null;
      }
      const downNs = account.cpuNs;
      const scrubbedFrames = account.count('pageScrub') - scrubbed;
      for (const line of inside) line.close(true);
      const again = restartCrashed(down, account);
      if (isFinding(again)) {
        refused(again);
        return null;
      }
      const builtNs = account.cpuNs;
      setting.replace(face.domain, again);
      const ends = crashed.map(({ domains }) => domainOf(domains[domains.length - 1]));
      const cpu = (): number => [again, ...ends].reduce((sum, domain) => sum + domain.account.cpuNs, 0);
      const connectFrom = cpu();
      const made = make(face.domain, device.options);
      if (isFinding(made)) {
        refused(made);
        return null;
      }
      devices.set(face, made.inside);
      for (const line of inside) {
        const refusal = line.reconnect(made.inside);
        if (refusal === null) continue;
        refused(refusal);
        return null;
      }
      const connectNs = cpu() - connectFrom;
      const replayed = crashed.map((line, index) =>
        unanswered[index] === 0 ? 0 : line.move('out', unanswered[index]).intact,
      );
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      const { granted, others, hypervisor, free } = made.device.reach();
      return {
        unanswered: sum(unanswered),
        replayed: sum(replayed),
        scrubbedFrames,
        keptFrames: down.kept?.length ?? 0,
        takeDownNs: downNs - startNs,
        buildNs: builtNs - downNs,
        connectNs,
        reach: [before, granted + others + hypervisor + free],
      };
    },

    check: () =>
      setting.simulation.hosts.flatMap((host) => [
        ...audit(host).map((violation) => JSON.stringify(violation)),
        ...[...host.domains.values()].flatMap((domain) => {
          const { wrongFrames } = verifyContents(domain);
          return wrongFrames.length === 0
            ? []
            : [`${wrongFrames.length} frames of ${domain.name} are not what it wrote or was sent`];
        }),
      ]),
  };
};
