import type { Workload } from '../workload.js';
import { OPERATION_METRICS, PLACE, measureOperations, pagesOf, placeOf } from './measure-operations.js';

export default {
  id: 'address-space/build',
  title: 'Build a program from many files',
  description:
    'A build tool forks for each file of a source tree; the child becomes a shell and then a compiler. The compiler runs its code, grows its memory as it reads, goes through that memory over and over, and ends. An operation is one file.',
  parameters: {
    files: { title: 'Files compiled', default: 20, unit: '', min: 1, max: 10_000 },
    compilerCode: {
      title: 'Code of the compiler that a file makes it run',
      default: 2048,
      unit: 'KiB',
      min: 4,
      max: 65_536,
    },
    compilerMemory: { title: 'Memory that it takes for a file', default: 4096, unit: 'KiB', min: 16, max: 1_048_576 },
    accesses: {
      title: 'Accesses to that memory once it is there',
      default: 20_000,
      unit: '',
      min: 0,
      max: 1e8,
    },
    ...PLACE,
  },
  metrics: OPERATION_METRICS,
  run(lab, parameters) {
    const domain = placeOf(lab, parameters);
    if (domain === null) return;
    const { compilerCode, compilerMemory, accesses } = parameters;
    const stream = lab.random('accesses of the compiler');
    const process = domain.processes();
    process.run(256, 64);
    measureOperations(lab, domain, parameters.files, () => {
      process.fork();
      process.yield();
      process.exec({ code: 512, data: 64, zeroed: 64 });
      process.run(256, 64);
      process.exec({ code: compilerCode, data: 256, zeroed: 256 });
      process.run(compilerCode, 512);
      const heap = process.map(pagesOf(lab, compilerMemory));
      for (let page = 0; page < heap.pages; page += 1) process.touch(heap, page, true);
      for (let done = 0; done < accesses; done += 1) process.touch(heap, stream.below(heap.pages), false);
      process.exit();
      process.wait();
    });
  },
} satisfies Workload;
