import type { Archive } from '../checkpoint/archive.js';
import { GrantTable } from '../grants/grant-table.js';
import { PageDescriptors } from '../grants/page-descriptors.js';
import { NO_FRAME } from '../host/frame-number.js';
import { DirtyLog } from './dirty-log.js';
import type { Domain } from './domain.js';
import { Interrupts } from './interrupts.js';
import { KernelMapping } from './kernel-mapping.js';

/** Makes what a saved domain had that not every domain has. It comes before all state, since making it may look at that. */
export const makeKept = (archive: Archive, domain: Domain): void => {
  const { arena, platform } = domain.host.simulation;
  const framesLogged = archive.value('framesLogged', domain.dirtyLog?.frames ?? null);
  const hasKernelMapping = archive.value('hasKernelMapping', domain.kernelMapping !== null);
  const hasGrants = archive.value('hasGrants', domain.grants !== null);
  const hasDescriptors = archive.value('hasDescriptors', domain.descriptors !== null);
  const sources = archive.data('interruptSources', domain.interrupts?.sources ?? null);
  if (!archive.reading) return;
  if (framesLogged !== null) domain.dirtyLog = new DirtyLog(arena, framesLogged);
  if (hasKernelMapping && platform.scheme.kind === 'radix') {
    domain.kernelMapping = new KernelMapping(domain, platform.scheme, NO_FRAME, []);
  }
  if (hasGrants) domain.grants ??= new GrantTable(domain, platform.grants!);
  if (sources !== null) domain.interrupts = new Interrupts(domain, sources);
  if (hasDescriptors) domain.descriptors ??= new PageDescriptors(domain);
};

/** The state of what `makeKept` made. */
export const checkpointKept = (
  archive: Archive,
  { affinity, dirtyLog, kernelMapping, pv, grants, descriptors, interrupts }: Domain,
): void => {
  if (affinity !== null) archive.part('affinity', affinity);
  if (dirtyLog !== null) archive.part('dirtyLog', dirtyLog);
  if (kernelMapping !== null) archive.part('kernelMapping', kernelMapping);
  if (pv !== null) archive.part('pv', pv);
  if (interrupts !== null) archive.part('interrupts', interrupts);
  if (grants !== null) archive.part('grants', grants);
  if (descriptors !== null) archive.part('descriptors', descriptors);
};
