import {
  type BankRemoval,
  type Domain,
  type Finding,
  FrameState,
  type Host,
  type Pfn,
  asMfn,
  assignDevice,
  giveBank,
  isFinding,
  mapBuffer,
  offlineFrame,
  plugBank,
  unplugBank,
} from '../engine/index.js';
import type { LabBank, LabBanks, LabDrained, LabRemoval } from './host-memory.js';
import { type MemorySurroundings, refuseOnce } from './memory-surroundings.js';

const MIB = 2 ** 20;

/** Bits of the addresses of a device that reaches all memory. */
const ANY_ADDRESS = 64;

/** Banks that come and go, and frames that go bad. What is done takes virtual time: the processor time of all that do it. */
export const labBanks = (lab: MemorySurroundings): LabBanks => {
  const bytesOf = ({ start, size }: LabBank): { readonly start: number; readonly size: number } => ({
    start: start * MIB,
    size: size * MIB,
  });
  const pageBytes = (): number => lab.simulation.platform.pageBytes;
  const refused = (findings: readonly Finding[]): void => {
    for (const finding of findings) refuseOnce(lab.findings, finding);
  };

  /** Time that guests stand still for a step: their programs lose it. */
  let stalledNs = 0;
  const stall = (domain: Domain, ns: number): void => {
    stalledNs += ns;
    lab.insideOfDomain(domain)?.program?.stall(ns);
  };

  /** Does it and lets the time pass that it takes. */
  const timed = <Result>(host: Host, act: () => Result): { result: Result; seconds: number; stalled: number } => {
    const { clock } = lab.simulation;
    const accounts = [...host.domains.values()].map(({ account }) => account);
    const spentNs = (): number => accounts.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
    const before = spentNs();
    stalledNs = 0;
    const result = act();
    const elapsedNs = spentNs() - before;
    const stalled = stalledNs / 1e9;
    clock.advanceTo(clock.nowNs + elapsedNs);
    return { result, seconds: elapsedNs / 1e9, stalled };
  };

  const offlineIn = (host: Host, { start, size }: LabBank): number => {
    let frames = 0;
    for (let at = (start * MIB) / pageBytes(); at < ((start + size) * MIB) / pageBytes(); at += 1)
      if (host.frames.state(asMfn(at)) === FrameState.offlined) frames += 1;
    return (frames * pageBytes()) / MIB;
  };

  const faceOf = (host: Host, removal: BankRemoval, bank: LabBank): LabRemoval => {
    let isUnderWay = true;
    return {
      drain(frames) {
        const { result, seconds, stalled } = timed(host, () => removal.drain(frames));
        refused(result.blocked.map(({ finding }) => finding));
        return { moved: result.moved, blocked: result.blocked.length, left: result.left, seconds, stalled };
      },
      finish() {
        const refusal = removal.finish();
        isUnderWay = refusal !== null;
        if (refusal !== null) lab.findings.push(refusal);
        return refusal === null;
      },
      undo() {
        removal.undo();
        isUnderWay = false;
      },
      get blockedBy() {
        const counts = new Map<string, number>();
        for (const { finding } of removal.blocked) counts.set(finding.rule, (counts.get(finding.rule) ?? 0) + 1);
        return counts;
      },
      get outOfUse() {
        return isUnderWay ? offlineIn(host, bank) : 0;
      },
    };
  };

  const takeFree = (domain: Domain, pages: number, use: string): Pfn[] => {
    const stream = lab.simulation.stream(`${use} of ${domain.name}`);
    const taken: Pfn[] = [];
    while (taken.length < pages) {
      const pfn = domain.free.takeScattered(stream);
      if (pfn === null) break;
      taken.push(pfn);
    }
    return taken;
  };

  return {
    plug(face, bank) {
      const host = lab.hostOf(face);
      const { result, seconds } = timed(host, () => plugBank(host, bytesOf(bank), lab.controlOf(host).account));
      if (isFinding(result)) {
        refused([result]);
        return null;
      }
      const { metadataPages, heapPages } = result;
      return { tables: (metadataPages * pageBytes()) / MIB, usable: (heapPages * pageBytes()) / MIB, seconds };
    },

    give(face, bank) {
      const given = giveBank(lab.insideOf(face).domain, bytesOf(bank));
      if (!isFinding(given)) return given.length;
      refused([given]);
      return 0;
    },

    unplug(face, bank) {
      const host = lab.hostOf(face);
      const removal = unplugBank({ host, payer: lab.controlOf(host).account, stall }, bytesOf(bank));
      if (!isFinding(removal)) return faceOf(host, removal, bank);
      refused([removal]);
      return null;
    },

    offline(face, frames): LabDrained {
      const { domain } = lab.insideOf(face);
      const { host, model } = domain;
      const stream = lab.simulation.stream(`bad frames of ${domain.name}`);
      const owned = model.ownedFrames();
      const payer = lab.controlOf(host).account;
      let [moved, seconds, stalled] = [0, 0, 0];
      const count = Math.min(frames, owned.length);
      for (let index = 0; index < count; index += 1) {
        const chosen = index + stream.below(owned.length - index);
        [owned[index], owned[chosen]] = [owned[chosen], owned[index]];
        const mfn = model.machineFrame(owned[index]);
        const step = timed(host, () => offlineFrame({ host, mfn, payer, stall }));
        if (step.result === null) moved += 1;
        else refused([step.result]);
        seconds += step.seconds;
        stalled += step.stalled;
      }
      return { moved, blocked: count - moved, left: count - moved, seconds, stalled };
    },

    pagesIn(face, { start, size }) {
      const { model } = lab.insideOf(face).domain;
      const [first, end] = [start, start + size].map((at) => (at * MIB) / pageBytes());
      return model.ownedFrames().filter((pfn) => model.machineFrame(pfn) >= first && model.machineFrame(pfn) < end)
        .length;
    },

    takeForKernel: (face, pages) => takeFree(lab.insideOf(face).domain, pages, 'kernel memory').length,

    holdForDevice(face, pages) {
      if (pages === 0) return 0;
      const { domain } = lab.insideOf(face);
      const device = assignDevice(domain, { name: 'device that holds memory', addressBits: ANY_ADDRESS });
      if (isFinding(device)) {
        refused([device]);
        return 0;
      }
      return takeFree(domain, pages, 'memory held by a device').filter((pfn) => {
        const mapping = mapBuffer(device, { pfn, bytes: pageBytes() }, 'both ways');
        if (isFinding(mapping)) refused([mapping]);
        return !isFinding(mapping);
      }).length;
    },
  };
};
