import { Host, type ModelId, type Platform, Simulation, buildDomain, isFinding } from '../../engine/index.js';
import { putBehindIommu } from '../scenes/xen-iommu.js';

/** A domain of an overhead scene. */
export interface SceneDomain {
  readonly name: string;
  readonly model: ModelId;
  readonly pages: number;
}

/** A host that has booted and built its domains. */
export interface OverheadScene {
  readonly host: Host;
  /** Pages that neither are free nor belong to a domain. */
  readonly overhead: number;
  /** Of these, pages of the tables of an IOMMU. */
  readonly iommuTables: number;
}

/** Boots a host and builds the domains, one after another, the first one's devices behind an IOMMU where there is one. Throws when the host is too small for them. */
export const buildScene = (
  platform: Platform,
  domains: readonly SceneDomain[],
  { iommu = false }: { readonly iommu?: boolean } = {},
): OverheadScene => {
  const simulation = new Simulation(platform, 'memory overhead');
  const host = new Host('host', simulation);
  const builder = simulation.ledger.account('builder');
  let owned = 0;
  let iommuTables = 0;
  for (const { pages, ...spec } of domains) {
    const domain = buildDomain(host, { ...spec, builder }, pages);
    if (isFinding(domain)) throw new Error(domain.detail);
    owned += pages;
    if (iommu && owned === pages) iommuTables = putBehindIommu(domain).tablePages;
  }
  return { host, overhead: host.installedFrames - host.heap.freeFrames - owned, iommuTables };
};

/** What the overhead is made of, and what the recorded figure has beside it. */
export const explain = ({ host, overhead, iommuTables }: OverheadScene, recorded: number | null): string => {
  const uses = (['frame table', 'm2p', 'paging pool'] as const)
    .map((use): [string, number] => [use, host.hypervisor.pages(use)])
    .concat([['tables of the IOMMU', iommuTables]])
    .filter(([, pages]) => pages > 0)
    .map(([use, pages]) => `${use} ${pages}`);
  const allocated = `allocated: ${uses.join(', ') || 'nothing'}`;
  return recorded === null ? allocated : `${allocated}; unexplained: ${recorded - overhead}`;
};
