import type { Workload } from '../workload.js';
import { speedBefore } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/link-failure',
  title: 'Migrate over a link that fails',
  description:
    'A uniform writer moves, and the link fails when a part of its memory is over. It must go on at its source with all that it wrote, which is checked to the page. That the move failed stands among the findings.',
  parameters: {
    guestMemory,
    workingSet: { title: 'Memory that it writes', default: 32, unit: 'MiB', min: 1, max: 1024 },
    writeRate: { title: 'Pages written, one write each', default: 20_000, unit: 'pages/s', min: 1, max: 1e8 },
    failsAfter: { title: 'Memory that is over when the link fails', default: 50, unit: '%', min: 0, max: 1000 },
    ...movedBy,
  },
  metrics: {
    survived: {
      title: 'Guests that go on',
      unit: '%',
      better: 'higher',
      description:
        '100 when the guest goes on after the link has failed, or has arrived before that; 0 when it is lost.',
    },
    wastedCpu: {
      title: 'CPU time of the control domains for nothing',
      unit: 's',
      better: 'lower',
      description: 'Processor time that both control domains spent on the migration that failed.',
    },
    speedAfter: {
      title: 'Speed of the guest afterwards, of that before',
      unit: '%',
      better: 'higher',
      description: 'Accesses a second over the second that follows, against those before the migration.',
    },
  },
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.guestMemory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    const pages = pagesIn(lab, parameters.workingSet);
    const writer = lab.patterns.uniform({ pages, writeShare: 1, stream: lab.random('pages written') });
    const program = guest.start(writer, { rate: parameters.writeRate });
    const speed = speedBefore(lab, program);
    const cpuNs = (): number => source.control.cpuNs + target.control.cpuNs;
    const before = cpuNs();
    const fate = { memory: parameters.guestMemory, failsAfterShare: parameters.failsAfter / 100 };
    lab.migrate(guest, target, moveOptions(lab, parameters, fate));
    lab.measure('wastedCpu', (cpuNs() - before) / 1e9);
    const after = program.accesses;
    lab.advance(1);
    const accesses = program.accesses - after;
    lab.measure('survived', accesses > 0 ? 100 : 0);
    lab.measure('speedAfter', (accesses / speed) * 100);
  },
} satisfies Workload;
