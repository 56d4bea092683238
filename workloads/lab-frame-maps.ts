import type { FrameMapOwner, RunFrameMap } from '../contracts/frame-map.js';
import { type Domain, type FrameRun, type Host, frameRuns } from '../engine/index.js';
import { type OwnedRun, cellFramesFor, cellsOfBank } from './frame-cells.js';

/** Who a domain's frames are put down to in a map: all to one, or each to its own. */
export type OwnersOfFrames = (domain: Domain) => FrameMapOwner | ((mfn: number) => FrameMapOwner);

const NAMES: Readonly<Record<Exclude<FrameRun['use'], 'domain'>, string>> = {
  shared: 'shared by domains',
  hypervisor: 'hypervisor',
  tables: 'tables about frames',
  'domain tables': 'tables for domains',
  free: 'free',
  offline: 'out of use',
};

/** Runs by the number of their owner, who is entered where there is none yet. */
const ownedRuns = (
  host: Host,
  runs: readonly FrameRun[],
  ownersOf: OwnersOfFrames,
  owners: FrameMapOwner[],
): OwnedRun[] => {
  const numbers = new Map<string, number>();
  const numberOf = (owner: FrameMapOwner): number => {
    const key = `${owner.use}\0${owner.name}`;
    const number = numbers.get(key) ?? owners.push(owner) - 1;
    numbers.set(key, number);
    return number;
  };
  return runs.flatMap(({ first, frames, use, domain: id }): OwnedRun[] => {
    if (use !== 'domain') return [{ first, frames, owner: numberOf({ use, name: NAMES[use] }) }];
    const domain = host.domains.get(id);
    const found = domain === undefined ? { use, name: 'a domain that is gone' } : ownersOf(domain);
    if (typeof found !== 'function') return [{ first, frames, owner: numberOf(found) }];
    return Array.from({ length: frames }, (_, index) => ({
      first: first + index,
      frames: 1,
      owner: numberOf(found(first + index)),
    }));
  });
};

/** Who has the host's memory now. Every map of a run has cells of as many frames as the first one. */
export const takeFrameMap = (maps: RunFrameMap[], host: Host, moment: string, ownersOf: OwnersOfFrames): void => {
  const { pageBytes } = host.simulation.platform;
  const areNodes = host.banks.some(({ node }) => (node ?? 0) > 0);
  const banks = host.banks.map(({ start, size, node }) => ({
    first: start / pageBytes,
    frames: size / pageBytes,
    node: areNodes ? (node ?? 0) : null,
  }));
  const cellFrames = maps[0]?.cellFrames ?? cellFramesFor(banks.map(({ frames }) => frames));
  const owners: FrameMapOwner[] = [];
  const runs = ownedRuns(host, frameRuns(host), ownersOf, owners);
  maps.push({
    moment,
    pageBytes,
    cellFrames,
    owners,
    banks: banks.map((bank) => {
      const own = runs.filter(({ first }) => first >= bank.first && first < bank.first + bank.frames);
      return { ...bank, ...cellsOfBank(bank, own, { cellFrames, owners: owners.length }) };
    }),
  });
};
