import type { Workload } from '../workload.js';
import { OPERATION_METRICS, PLACE, measureOperations, pagesOf, placeOf } from './measure-operations.js';

export default {
  id: 'address-space/map-unmap',
  title: 'Map and unmap small areas',
  description:
    'A process keeps some areas mapped. In turn it unmaps the oldest and maps a new one, of which it writes a part. An operation is one area, as of a memory allocator or of a server that maps files.',
  parameters: {
    operations: { title: 'Areas mapped', default: 500, unit: '', min: 1, max: 100_000 },
    size: { title: 'Size of an area', default: 128, unit: 'KiB', min: 4, max: 65_536 },
    written: { title: 'Part of it that is written', default: 25, unit: '%', min: 0, max: 100 },
    kept: { title: 'Areas mapped at the same time', default: 8, unit: '', min: 1, max: 100 },
    ...PLACE,
  },
  metrics: OPERATION_METRICS,
  run(lab, parameters) {
    const domain = placeOf(lab, parameters);
    if (domain === null) return;
    const process = domain.processes();
    const pages = pagesOf(lab, parameters.size);
    const written = Math.ceil((pages * parameters.written) / 100);
    const mapOne = () => {
      const area = process.map(pages);
      for (let page = 0; page < written; page += 1) process.touch(area, page, true);
      return area;
    };
    const areas = Array.from({ length: Math.ceil(parameters.kept) }, mapOne);
    measureOperations(lab, domain, parameters.operations, () => {
      process.unmap(areas.shift()!);
      areas.push(mapOne());
    });
  },
} satisfies Workload;
