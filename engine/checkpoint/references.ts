import type { Domain } from '../domain/domain.js';
import type { Archive } from './archive.js';
import { CheckpointError } from './checkpoint-error.js';

/** A domain that is named by an object which is not its owner: by its host and its id. Null when it is gone from its host. */
export const checkpointDomainIfThere = (archive: Archive, name: string, domain: Domain | null): Domain | null => {
  const { hosts } = archive.simulation;
  const isThere = domain !== null && domain.host.domains.get(domain.id) === domain;
  const host = archive.value(`${name}, host`, isThere ? hosts.indexOf(domain.host) : null);
  const id = archive.value(`${name}, id`, isThere ? domain.id : null);
  if (host === null || id === null) return null;
  const found = hosts[host]?.domains.get(id);
  if (found === undefined) throw new CheckpointError('field', `the checkpoint has no domain ${id} on host ${host}`);
  return found;
};

/** The same of one that has to be there. */
export const checkpointDomain = (archive: Archive, name: string, domain: Domain | null): Domain => {
  const found = checkpointDomainIfThere(archive, name, domain);
  if (found !== null) return found;
  throw archive.reading
    ? new CheckpointError('field', `the checkpoint has a ${name} that is gone`)
    : new Error(`${domain?.name ?? 'a domain'} is gone and cannot be saved`);
};
