import type { Workload } from '../workload.js';

export default {
  id: 'address-space/control-domain-boot',
  title: 'Boot domain0',
  description:
    'The hypervisor builds the control domain: it takes memory for it, and what it keeps for its tables. Then the kernel starts, with its own mapping of all that memory, and its first program. Images are read by no disk, and no memory is scrubbed at boot.',
  parameters: {
    firstProgram: { title: 'Code of the first program', default: 1024, unit: 'KiB', min: 4, max: 65_536 },
  },
  metrics: {
    buildTime: {
      title: 'Time to build it',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time of the hypervisor, and of the loader that makes the first tables of the kernel.',
    },
    startTime: {
      title: 'Time until its first program runs',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time that memory costs the kernel for the first program, once it is built.',
    },
    overhead: {
      title: 'Memory of page tables and hypervisor',
      unit: 'KiB',
      better: 'lower',
      description:
        'Memory that serves translation then: page tables of the domain, and frames that the hypervisor keeps for it.',
    },
    usable: {
      title: 'Memory that it can use',
      unit: 'MiB',
      better: 'higher',
      description: 'Memory of the domain that nothing uses yet once its first program runs.',
    },
  },
  run(lab, { firstProgram }) {
    const host = lab.host('host');
    if (host === null) return;
    const { control } = host;
    const before = control.use();
    const processes = control.processes();
    processes.exec({ code: firstProgram, data: 64, zeroed: 64 });
    processes.run(firstProgram, 128);
    lab.measure('buildTime', host.bootUse().ns / 1e6);
    lab.measure('startTime', (control.use().ns - before.ns) / 1e6);
    lab.measure('overhead', control.overheadBytes / 1024);
    lab.measure('usable', (control.freePages * lab.pageBytes) / 2 ** 20);
  },
} satisfies Workload;
