import type { LabMigration, Workload } from '../workload.js';
import { MIGRATION_METRICS, speedBefore } from './measure-migration.js';
import { moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/several-guests',
  title: 'Migrate several guests over one link',
  description:
    'Several writing guests move at the same time over one link, which they share evenly. Each has less of it than it would have alone, so pre-copy follows them less well; moving them one after the other is the alternative.',
  parameters: {
    guests: { title: 'Guests', default: 3, unit: '', min: 1, max: 16 },
    guestMemory: { title: 'Memory of each guest', default: 128, unit: 'MiB', min: 16, max: 1024 },
    workingSet: { title: 'Memory that each writes', default: 16, unit: 'MiB', min: 1, max: 512 },
    writeRate: { title: 'Pages that each writes, one write each', default: 1000, unit: 'pages/s', min: 1, max: 1e8 },
    atOnce: { title: 'All at once (1), or one after the other (0)', default: 1, unit: '', min: 0, max: 1 },
    ...movedBy,
  },
  metrics: {
    totalTime: {
      ...MIGRATION_METRICS.totalTime,
      description: 'From the first request until the last guest has moved.',
    },
    meanDowntime: {
      title: 'Mean downtime of the guests',
      unit: 'ms',
      better: 'lower',
      description: 'How long a guest runs on neither host, on average.',
    },
    worstDowntime: {
      title: 'Longest downtime of a guest',
      unit: 'ms',
      better: 'lower',
      description: 'The same for the guest that is stopped longest.',
    },
    guestSlowdown: {
      ...MIGRATION_METRICS.guestSlowdown,
      description: 'Work that all guests did less until the last had moved, their downtimes among it.',
    },
    bytesSent: { ...MIGRATION_METRICS.bytesSent, description: 'What went over the link for all of them.' },
    controlCpu: MIGRATION_METRICS.controlCpu,
  },
  run(lab, parameters) {
    const source = lab.host('source');
    const target = lab.host('target');
    if (source === null || target === null) return;
    const guests = Array.from({ length: Math.round(parameters.guests) }, (_, index) =>
      source.build('guest', `guest ${index + 1}`, parameters.guestMemory),
    ).filter((guest) => guest !== null);
    if (guests.length < Math.round(parameters.guests)) return;
    const pages = pagesIn(lab, parameters.workingSet);
    const programs = guests.map((guest) => {
      const stream = lab.random(`pages written in ${guest.name}`);
      return guest.start(lab.patterns.uniform({ pages, writeShare: 1, stream }), { rate: parameters.writeRate });
    });
    const all = {
      get accesses() {
        return programs.reduce((sum, { accesses }) => sum + accesses, 0);
      },
    };
    const speed = speedBefore(lab, all);
    const [accessesBefore, cpuBefore, startSeconds] = [all.accesses, source.control.cpuNs, lab.seconds];
    const options = moveOptions(lab, parameters);
    const moves = guests.map((domain) => ({ domain, to: target }));
    const results =
      parameters.atOnce >= 0.5
        ? lab.migrateTogether(moves, options)
        : moves.map((move) => lab.migrateTogether([move], options)[0]);
    const done = results.filter((result): result is LabMigration => result !== null);
    if (done.length < moves.length) return;
    const totalTime = lab.seconds - startSeconds;
    const downtimes = done.map(({ downtimeNs }) => downtimeNs / 1e6);
    lab.measure('totalTime', totalTime);
    lab.measure('meanDowntime', downtimes.reduce((sum, each) => sum + each, 0) / done.length);
    lab.measure('worstDowntime', Math.max(...downtimes));
    lab.measure('guestSlowdown', (1 - (all.accesses - accessesBefore) / (speed * totalTime)) * 100);
    lab.measure('bytesSent', options.link.bytes / 2 ** 20);
    lab.measure('controlCpu', (source.control.cpuNs - cpuBefore) / 1e9);
  },
} satisfies Workload;
