import type { Workload } from '../workload.js';
import { speedBefore } from './measure-migration.js';
import { pagesIn } from './two-hosts.js';

export default {
  id: 'migration/save-restore',
  title: 'Save a driver domain to disk and restore it',
  description:
    'A driver domain without its device is saved to disk, another guest is built meanwhile, and it is restored. A domain that must have its own frames comes back only if they were kept for it, which frees no memory.',
  parameters: {
    memory: { title: 'Memory of the domain', default: 128, unit: 'MiB', min: 16, max: 1024 },
    workingSet: { title: 'Memory that it writes', default: 16, unit: 'MiB', min: 1, max: 512 },
    writeRate: { title: 'Pages written, one write each', default: 10_000, unit: 'pages/s', min: 1, max: 1e8 },
    diskRate: { title: 'Bandwidth of the disk', default: 60, unit: 'MiB/s', min: 1, max: 10_000 },
    neighbour: { title: 'Memory of a guest that is built meanwhile', default: 64, unit: 'MiB', min: 1, max: 4096 },
    keepsFrames: { title: 'Keep the frames where it needs the same ones (1)', default: 0, unit: '', min: 0, max: 1 },
  },
  metrics: {
    saveTime: {
      title: 'Time to save',
      unit: 's',
      better: 'lower',
      description: 'From the request until the last page is on disk; the domain is stopped from the start.',
    },
    restoreTime: {
      title: 'Time to restore',
      unit: 's',
      better: 'lower',
      description: 'From the request until the domain runs, with every page checked.',
    },
    saveCpu: {
      title: 'CPU time of the control domain to save',
      unit: 's',
      better: 'lower',
      description: 'Processor time of mapping, canonicalising and copying the pages, and of destroying the domain.',
    },
    restoreCpu: {
      title: 'CPU time of the control domain to restore',
      unit: 's',
      better: 'lower',
      description: 'Processor time of building the domain, filling its pages and rebuilding its page tables.',
    },
    keptMemory: {
      title: 'Memory that stays taken while the domain is on disk',
      unit: '%',
      better: 'lower',
      description: 'Share of its memory that nobody else can have meanwhile.',
    },
  },
  run(lab, parameters) {
    const source = lab.host('source');
    const domain = source?.build('driver', 'driver', parameters.memory) ?? null;
    if (source === null || domain === null) return;
    const pages = pagesIn(lab, parameters.workingSet);
    const writer = lab.patterns.uniform({ pages, writeShare: 1, stream: lab.random('pages written') });
    speedBefore(lab, domain.start(writer, { rate: parameters.writeRate }));
    const { diskRate } = parameters;
    const saved = lab.save(domain, { diskRate, keepsFrames: parameters.keepsFrames >= 0.5 });
    if (saved === null) return;
    lab.measure('saveTime', saved.savedNs / 1e9);
    lab.measure('saveCpu', saved.controlCpuNs / 1e9);
    lab.measure('keptMemory', (saved.kept.length / saved.record.pfns.length) * 100);
    if (source.build('guest', 'neighbour', parameters.neighbour) === null) return;
    const restored = lab.restore(saved, domain, source, { diskRate });
    if (restored === null) return;
    lab.measure('restoreTime', restored.restoredNs / 1e9);
    lab.measure('restoreCpu', restored.controlCpuNs / 1e9);
  },
} satisfies Workload;
