import type { Workload } from '../workload.js';
import { OPERATION_METRICS, PLACE, measureOperations, pagesOf, placeOf } from './measure-operations.js';

export default {
  id: 'address-space/process-creation',
  title: 'Create processes that end at once',
  description:
    'A process with memory of its own forks over and over. Each child runs a little, writes some of that memory, and ends; the parent writes the same pages again. An operation is one child: its page tables made and taken down, pages copied when written.',
  parameters: {
    processes: { title: 'Processes made', default: 100, unit: '', min: 1, max: 10_000 },
    memory: { title: 'Memory that the parent has written', default: 1024, unit: 'KiB', min: 16, max: 65_536 },
    written: {
      title: 'Part of it that a child writes, and the parent after it',
      default: 10,
      unit: '%',
      min: 0,
      max: 100,
    },
    ...PLACE,
  },
  metrics: OPERATION_METRICS,
  run(lab, parameters) {
    const domain = placeOf(lab, parameters);
    if (domain === null) return;
    const parent = domain.processes();
    const area = parent.map(pagesOf(lab, parameters.memory));
    const written = Math.floor((area.pages * parameters.written) / 100);
    const write = (pages: number): void => {
      for (let page = 0; page < pages; page += 1) parent.touch(area, page, true);
    };
    write(area.pages);
    measureOperations(lab, domain, parameters.processes, () => {
      parent.fork();
      parent.yield();
      parent.run(64, 16);
      write(written);
      parent.exit();
      parent.wait();
      write(written);
    });
  },
} satisfies Workload;
