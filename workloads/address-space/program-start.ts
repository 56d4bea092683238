import type { Workload } from '../workload.js';
import { OPERATION_METRICS, PLACE, measureOperations, placeOf } from './measure-operations.js';

export default {
  id: 'address-space/program-start',
  title: 'Start programs one after the other',
  description:
    'A shell forks; the child becomes another program, which runs through its code once, writes its data, and ends. Its file is in memory already. An operation is one program: the address space copied, thrown away, made anew, filled by faults, and taken down.',
  parameters: {
    programs: { title: 'Programs started', default: 100, unit: '', min: 1, max: 10_000 },
    code: { title: 'Code of the program', default: 512, unit: 'KiB', min: 4, max: 65_536 },
    data: { title: 'Data of the program', default: 128, unit: 'KiB', min: 4, max: 65_536 },
    ...PLACE,
  },
  metrics: OPERATION_METRICS,
  run(lab, parameters) {
    const domain = placeOf(lab, parameters);
    if (domain === null) return;
    const { code, data } = parameters;
    const shell = domain.processes();
    shell.run(128, 32);
    measureOperations(lab, domain, parameters.programs, () => {
      shell.fork();
      shell.yield();
      shell.exec({ code, data: data / 2, zeroed: data / 2 });
      shell.run(code, data);
      shell.exit();
      shell.wait();
    });
  },
} satisfies Workload;
