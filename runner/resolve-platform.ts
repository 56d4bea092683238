import type { EventCosts, Platform } from '../engine/index.js';
import type { PlatformFile } from '../input/platform.js';

/** The engine's platform: the file's amounts in plain units, with the costs of one draw. */
export const resolvePlatform = (file: PlatformFile, costs: EventCosts): Platform => {
  const { amounts } = file;
  return {
    id: file.id,
    pageBytes: amounts.pageSize,
    banks: amounts.banks,
    hypervisorBytes: amounts.hypervisorMemory,
    controlDomainBytes: amounts.controlDomainMemory,
    kernelGranuleBytes: amounts.kernelGranule,
    scheme: {
      kind: 'vhpt',
      tlbEntries: amounts.tlbEntries,
      vhptEntries: amounts.vhptEntries,
      insertClip: amounts.insertClip,
    },
    link: { bitsPerSecond: amounts.linkBandwidth, latencyNs: amounts.linkLatency },
    socketBufferPages: amounts.socketBuffer / amounts.pageSize,
    segmentBytes: amounts.segmentSize,
    costs,
  };
};
