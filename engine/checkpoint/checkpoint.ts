import { Domain } from '../domain/domain.js';
import type { GuestLog } from '../domain/guest-log.js';
import { Host } from '../host/host.js';
import type { Platform } from '../platform.js';
import { Simulation } from '../simulation.js';
import type { Archive } from './archive.js';
import { CheckpointError } from './checkpoint-error.js';
import { pack, unpack } from './container.js';
import { ArchiveReader } from './reader.js';
import { ArchiveWriter, type Tree } from './writer.js';

/**
 * What the caller has beside hosts and domains: programs, foreign mappings, kernels. It is called once, on the way out and on the
 * way in, where hosts and domains are there but their state is not yet. Whatever the clock runs has to be among it.
 */
export type OwnState = (archive: Archive) => void;

export interface RestoreSpec {
  /** The platform that the checkpoint was made on. */
  readonly platform: Platform;
  readonly own?: OwnState;
  /** Makes a host that came up in a way of its own; plain ones need nothing. */
  readonly makeHost?: (name: string, simulation: Simulation) => Host;
}

/**
 * All state of a simulation, between two operations, as bytes.
 *
 * @throws Error when the clock runs something that `own` did not save
 */
export const saveCheckpoint = (simulation: Simulation, own: OwnState = () => {}): Uint8Array => {
  const archive = new ArchiveWriter(simulation);
  archive.value('seed', simulation.seed);
  archive.data('platform', simulation.platform);
  checkpointAll(archive, simulation, own, () => {
    throw new Error('no host is made on the way out');
  });
  return pack(archive.tree, archive.views);
};

/**
 * A simulation that goes on as the saved one would.
 *
 * @throws CheckpointError when the bytes are no checkpoint of this engine and this platform
 */
export const restoreCheckpoint = (
  bytes: Uint8Array,
  { platform, own = () => {}, makeHost = (name, simulation) => new Host(name, simulation) }: RestoreSpec,
): Simulation => {
  const { tree, blobs } = unpack(bytes);
  const { seed } = tree as { seed: string };
  const simulation = new Simulation(platform, seed);
  const archive = new ArchiveReader(simulation, tree as Tree, { blobs, tracked: [] });
  archive.value('seed', seed);
  const different = firstDifference(
    archive.data<unknown>('platform', platform),
    JSON.parse(JSON.stringify(platform)),
    '',
  );
  if (different !== null) {
    throw new CheckpointError('platform', `the checkpoint is of another platform: "${different}" is not the same`);
  }
  checkpointAll(archive, simulation, own, (name) => makeHost(name, simulation));
  archive.expectAllRead();
  return simulation;
};

/**
 * Objects first and their state afterwards: making a domain may take frames and charge for it, and all of that is overwritten by
 * what was saved.
 */
const checkpointAll = (
  archive: Archive,
  simulation: Simulation,
  own: OwnState,
  makeHost: (name: string) => Host,
): void => {
  archive.list('hosts', [...simulation.hosts], (each, saved) => {
    const name = each.value('name', saved?.name ?? '');
    const host = saved ?? makeHost(name);
    each.list('domains', [...host.domains.values()], (entry, domain) => checkpointIdentity(entry, host, domain));
    each.part('dma', host.dma);
    return host;
  });
  archive.part('own', { checkpoint: own });
  archive.part('simulation', simulation);
};

/** What makes a domain, beside its state. */
const checkpointIdentity = (archive: Archive, host: Host, domain: Domain | null): Domain => {
  const id = archive.value('id', domain?.id ?? 0);
  const name = archive.value('name', domain?.name ?? '');
  const model = archive.value('model', domain?.model.id ?? 'direct');
  const options = archive.data('options', domain?.options ?? {});
  const paging = archive.value('paging', domain?.paging ?? null);
  const vcpus = archive.value('vcpus', domain?.vcpus ?? 1);
  const affinity = archive.data('affinity', domain?.affinity?.spec ?? null);
  const builder = archive.value('builder', domain?.builder.name ?? '');
  const log = sharedLog(archive, domain);
  if (domain !== null) return domain;
  return new Domain(host, {
    id,
    name,
    model,
    options,
    ...(paging === null ? {} : { paging }),
    vcpus,
    ...(affinity === null ? {} : { affinity }),
    ...(log === null ? {} : { log }),
    builder: host.simulation.ledger.account(builder),
  });
};

/** The log of a domain that is the same guest as one before it, since that guest is on its way. */
const sharedLog = (archive: Archive, domain: Domain | null): GuestLog | null => {
  const domains = archive.simulation.hosts.flatMap((host) => [...host.domains.values()]);
  const first = domain === null ? -1 : domains.findIndex(({ log }) => log === domain.log);
  const place = archive.value('sharesLogOf', first >= 0 && domains[first] !== domain ? first : null);
  return place === null ? null : domains[place].log;
};

/** The path of the first member in which two values of JSON differ, or null. */
const firstDifference = (one: unknown, other: unknown, path: string): string | null => {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return one === other ? null : path;
  }
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const at = path === '' ? key : `${path}.${key}`;
    const different = firstDifference((one as Tree)[key], (other as Tree)[key], at);
    if (different !== null) return different;
  }
  return null;
};
