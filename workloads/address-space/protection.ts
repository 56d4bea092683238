import type { Workload } from '../workload.js';
import { OPERATION_METRICS, PLACE, measureOperations, pagesOf, placeOf } from './measure-operations.js';

export default {
  id: 'address-space/protection',
  title: 'Take the right to write away and give it back',
  description:
    'A process makes an area read-only, reads it, makes it writable again, and writes it, as garbage collectors and debuggers do. An operation is one such cycle over the whole area.',
  parameters: {
    operations: { title: 'Cycles', default: 100, unit: '', min: 1, max: 100_000 },
    size: { title: 'Size of the area', default: 256, unit: 'KiB', min: 4, max: 65_536 },
    ...PLACE,
  },
  metrics: OPERATION_METRICS,
  run(lab, parameters) {
    const domain = placeOf(lab, parameters);
    if (domain === null) return;
    const process = domain.processes();
    const area = process.map(pagesOf(lab, parameters.size));
    const touchAll = (write: boolean): void => {
      for (let page = 0; page < area.pages; page += 1) process.touch(area, page, write);
    };
    touchAll(true);
    measureOperations(lab, domain, parameters.operations, () => {
      process.protect(area, false);
      touchAll(false);
      process.protect(area, true);
      touchAll(true);
    });
  },
} satisfies Workload;
