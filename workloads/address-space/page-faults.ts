import type { Workload } from '../workload.js';
import { OPERATION_METRICS, PLACE, pagesOf, placeOf, stateUse, whole } from './measure-operations.js';

export default {
  id: 'address-space/page-faults',
  title: 'Touch new memory page by page',
  description:
    'A process maps a large area, writes each of its pages once, and unmaps it; over and over. An operation is one page: the fault that gives it a frame, and the unmapping that takes it back.',
  parameters: {
    area: { title: 'Memory mapped at a time', default: 8192, unit: 'KiB', min: 16, max: 1_048_576 },
    rounds: { title: 'Times that it is mapped', default: 5, unit: '', min: 1, max: 1000 },
    largePages: { title: 'Large pages where they can be (1)', default: 0, unit: '', min: 0, max: 1 },
    ...PLACE,
  },
  metrics: OPERATION_METRICS,
  run(lab, parameters) {
    const domain = placeOf(lab, parameters);
    if (domain === null) return;
    const pages = pagesOf(lab, parameters.area);
    const process = domain.processes({ largePages: parameters.largePages >= 0.5 });
    const round = (): void => {
      const area = process.map(pages);
      for (let page = 0; page < pages; page += 1) process.touch(area, page, true);
      process.unmap(area);
    };
    round();
    const rounds = whole(parameters.rounds);
    const before = domain.use();
    for (let done = 0; done < rounds; done += 1) round();
    stateUse(lab, domain, before, rounds * pages);
  },
} satisfies Workload;
