import { Host, Simulation, X86_64, buildDomain, isFinding } from '../../engine/index.js';
import { countsOnlyPlatform, radixScheme } from './counts-only-platform.js';
import type { Prediction } from './prediction.js';

/** Too small for a large entry of the second stage. */
const GUEST_PAGES = 64;
const HOST_BYTES = 2 ** 20;
const NOTHING = { tlb: [{ sets: 1, ways: 0 }], walkCache: [] };

/** Entries that the walker reads for one write of a program, in a guest on hardware without TLB and walk caches. */
const coldReferences = (): number => {
  const scheme = { ...radixScheme(X86_64), caches: NOTHING, nestedCaches: NOTHING };
  const platform = countsOnlyPlatform({ id: 'walks', banks: [{ start: 0, size: HOST_BYTES }], scheme });
  const simulation = new Simulation(platform, 'walks');
  const host = new Host('host', simulation);
  const builder = simulation.ledger.account('builder');
  const guest = buildDomain(host, { name: 'guest', model: 'nested', builder }, GUEST_PAGES);
  if (isFinding(guest)) throw new Error(guest.detail);
  guest.mapPage(0, guest.free.take()!, true);
  guest.account.enter('cold write');
  const refusal = guest.writePage(0);
  if (refusal !== null) throw new Error(refusal.detail);
  return (
    guest.account.count('tableReference', 'cold write') + guest.account.count('secondStageReference', 'cold write')
  );
};

export const walkReferences: Prediction = {
  id: 'walk-references',
  title:
    'A guest under nested tables writes a page, with four levels of single pages in both dimensions and nothing cached.',
  covers: ['published/VM-01'],
  run: () => new Map([['published/VM-01', { actual: coldReferences(), note: 'entries read, counted by the walker' }]]),
};
