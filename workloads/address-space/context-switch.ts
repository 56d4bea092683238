import type { Workload } from '../workload.js';
import { OPERATION_METRICS, PLACE, measureOperations, pagesOf, placeOf, whole } from './measure-operations.js';

export default {
  id: 'address-space/context-switch',
  title: 'Switch between processes',
  description:
    'Processes take turns, and each touches its own memory before it gives the processor to the next. An operation is one turn: the switch, and the translations that it has to get again.',
  parameters: {
    switches: { title: 'Switches', default: 2000, unit: '', min: 1, max: 1_000_000 },
    processes: { title: 'Processes', default: 4, unit: '', min: 2, max: 256 },
    workingSet: { title: 'Memory that each touches in its turn', default: 64, unit: 'KiB', min: 4, max: 65_536 },
    ...PLACE,
  },
  metrics: OPERATION_METRICS,
  run(lab, parameters) {
    const domain = placeOf(lab, parameters);
    if (domain === null) return;
    const processes = whole(parameters.processes);
    const process = domain.processes();
    const area = process.map(pagesOf(lab, parameters.workingSet));
    const turn = (): void => {
      for (let page = 0; page < area.pages; page += 1) process.touch(area, page, true);
      process.yield();
    };
    for (let made = 1; made < processes; made += 1) process.fork();
    for (let each = 0; each < processes; each += 1) turn();
    measureOperations(lab, domain, parameters.switches, turn);
  },
} satisfies Workload;
