import type { Archive } from '../checkpoint/archive.js';
import { GrantTable } from '../grants/grant-table.js';
import { PageDescriptors } from '../grants/page-descriptors.js';
import { PvMemory } from '../x86/pv-memory.js';
import { DirtyLog } from './dirty-log.js';
import type { Domain } from './domain.js';

/** Makes what a saved domain had that not every domain has. It comes before all state, since making it may look at that. */
export const makeKept = (archive: Archive, domain: Domain): void => {
  const { arena, platform } = domain.host.simulation;
  const framesLogged = archive.value('framesLogged', domain.dirtyLog?.frames ?? null);
  const hasPv = archive.value('hasPv', domain.pv !== null);
  const hasGrants = archive.value('hasGrants', domain.grants !== null);
  const hasDescriptors = archive.value('hasDescriptors', domain.descriptors !== null);
  if (!archive.reading) return;
  if (framesLogged !== null) domain.dirtyLog = new DirtyLog(arena, framesLogged);
  if (hasPv) domain.pv ??= new PvMemory(domain);
  if (hasGrants) domain.grants ??= new GrantTable(domain, platform.grants!);
  if (hasDescriptors) domain.descriptors ??= new PageDescriptors(domain);
};

/** The state of what `makeKept` made. */
export const checkpointKept = (archive: Archive, { dirtyLog, pv, grants, descriptors }: Domain): void => {
  if (dirtyLog !== null) archive.part('dirtyLog', dirtyLog);
  if (pv !== null) archive.part('pv', pv);
  if (grants !== null) archive.part('grants', grants);
  if (descriptors !== null) archive.part('descriptors', descriptors);
};
