import { mebibytesOf } from '../memory-scene.js';
import type { Workload } from '../workload.js';
import { MAP_PARAMETERS, sparseHost } from './scene.js';

export default {
  id: 'sparse-memory/descriptors',
  title: 'What holes cost in descriptors and tables',
  description:
    'A host has its memory in banks with holes between them. The hypervisor describes its frames, all from the first to the last or only those that are there, and a domain’s kernel describes its pages: in one array over all addresses that it knows, or in sections.',
  parameters: {
    ...MAP_PARAMETERS,
    descriptor: { title: 'A descriptor of the domain’s kernel', default: 56, unit: 'B', min: 1, max: 512 },
    section: { title: 'A section of its descriptors', default: 64, unit: 'MiB', min: 1, max: 65_536 },
  },
  metrics: {
    tables: {
      title: 'Tables of the hypervisor about frames',
      unit: 'MiB',
      better: 'lower',
      description: 'The frame table and the machine-to-physical table as the hypervisor makes them at boot.',
    },
    tableShare: {
      title: 'Share of memory that they take',
      unit: '%',
      better: 'lower',
      description: 'The same, of what is installed.',
    },
    span: {
      title: 'Addresses for each page',
      unit: '',
      better: 'lower',
      description:
        'From the lowest to the highest address by which the domain knows its memory, for the memory that it has.',
    },
    flat: {
      title: 'Descriptors in one array',
      unit: '%',
      better: 'lower',
      description: 'Share of the domain’s memory that descriptors of all addresses in between take.',
    },
    sections: {
      title: 'Descriptors in sections',
      unit: '%',
      better: 'lower',
      description: 'The same with descriptors only for sections in which it has memory.',
    },
    overhead: {
      title: 'Tables for the domain’s translations',
      unit: '%',
      better: 'lower',
      description: 'Its page tables and what the hypervisor keeps for it, as a share of its memory.',
    },
  },
  run(lab, given) {
    const scene = sparseHost(lab, given);
    if (scene === null) return;
    const { host, domain } = scene;
    const { layout } = lab.memory;
    const { descriptor, section } = given;
    const own = mebibytesOf(lab, domain.pages);
    const share = (mebibytes: number): number => ((mebibytes / own) * descriptor * 100) / lab.pageBytes;
    lab.measure('tables', layout.tables(host));
    lab.measure('tableShare', (layout.tables(host) / mebibytesOf(lab, host.installedPages)) * 100);
    lab.measure('span', layout.span(domain) / own);
    lab.measure('flat', share(layout.span(domain)));
    lab.measure('sections', share(layout.parts(domain, section) * section));
    lab.measure('overhead', (domain.overheadBytes / 2 ** 20 / own) * 100);
  },
} satisfies Workload;
