import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import type { Account } from '../host/ledger.js';
import { type Pfn, hex } from '../host/frame-number.js';
import { copyProgramPage } from '../operations/vacate.js';
import { type BlockedFrame, type Relocation, relocatePages } from '../operations/relocate.js';
import { takerOnNode } from './node-of.js';
import { type ProgramThread, farPages } from './place-program.js';
import { visibleNodes } from './visible-nodes.js';

/** The hypervisor brings the pages of threads to the nodes that these run on, without the guest. */
export const rebalanceByHypervisor = (
  domain: Domain,
  threads: readonly ProgramThread[],
  payer: Account,
): Relocation => {
  const results = threads.map((thread) =>
    relocatePages({ domain, pfns: farPages(domain, thread), payer, take: takerOnNode(domain.host, thread.node) }),
  );
  return {
    moved: results.reduce((sum, { moved }) => sum + moved, 0),
    blocked: results.flatMap(({ blocked }) => blocked),
    pausedNs: results.reduce((sum, { pausedNs }) => sum + pausedNs, 0),
  };
};

/**
 * The guest's kernel brings the pages of its threads to the nodes that these run on, as it sees them: each page to a free frame of
 * its own there. A finding where it knows of no nodes.
 */
export const rebalanceByGuest = (domain: Domain, threads: readonly ProgramThread[]): Relocation | Finding => {
  const { account, log, model, name } = domain;
  const seen = visibleNodes(domain);
  if (seen.how === 'not at all') {
    const detail = `${name} is told of no nodes, so its kernel cannot tell near memory from far`;
    return { operation: 'relocate', model: model.id, rule: 'nodes-visible', detail };
  }
  const before = account.cpuNs;
  const blocked: BlockedFrame[] = [];
  let moved = 0;
  for (const { node, first, pages } of threads) {
    const free = domain.free.takeAll((pfn) => seen.nodeOf(pfn) === node);
    const left: Pfn[] = [];
    for (let vpn = first; vpn < first + pages; vpn += 1) {
      const pfn = log.mapped(vpn);
      if (seen.nodeOf(pfn) === node) continue;
      const to = free.pop();
      if (to === undefined) {
        const detail = `${name} has no free frame on node ${node} for guest frame ${hex(pfn)}`;
        const finding: Finding = { operation: 'relocate', model: model.id, rule: 'free-frames', detail };
        blocked.push({ mfn: model.machineFrame(pfn), finding });
        continue;
      }
      copyProgramPage(domain, pfn, to, [vpn]);
      left.push(pfn);
      moved += 1;
    }
    for (const pfn of [...free, ...left]) domain.free.giveBack(pfn);
  }
  return { moved, blocked, pausedNs: account.cpuNs - before };
};
