import type { Domain } from '../domain/domain.js';
import type { Archive } from './archive.js';
import { CheckpointError } from './checkpoint-error.js';

/** A domain that is named by an object which is not its owner: by its host and its id. */
export const checkpointDomain = (archive: Archive, name: string, domain: Domain | null): Domain => {
  const { hosts } = archive.simulation;
  const host = archive.value(`${name}, host`, domain === null ? 0 : hosts.indexOf(domain.host));
  const id = archive.value(`${name}, id`, domain?.id ?? 0);
  const found = hosts[host]?.domains.get(id);
  if (found !== undefined) return found;
  if (archive.reading) throw new CheckpointError('field', `the checkpoint has no domain ${id} on host ${host}`);
  throw new Error(`${domain?.name ?? 'a domain'} is gone and cannot be saved`);
};
