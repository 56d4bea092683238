import { mebibytesOf, pagesIn, takeFree } from '../memory-scene.js';
import type { Workload } from '../workload.js';
import { BANK_PARAMETERS, bankAt, hostWithRoom } from './scene.js';

export default {
  id: 'hot-plug/add-bank',
  title: 'Add a DIMM, or a node of them',
  description:
    'DIMMs are plugged in one after the other while the host runs; a node is as many as it has. The hypervisor’s tables grow by what describes them, out of the new memory. A domain that had given memory up, which others have taken, gets memory from them.',
  parameters: {
    ...BANK_PARAMETERS,
    dimms: { title: 'DIMMs', default: 1, unit: '', min: 1, max: 16 },
  },
  metrics: {
    tables: {
      title: 'Memory that the tables take',
      unit: 'MiB',
      better: 'lower',
      description: 'What the frame table and the machine-to-physical table grow by, out of the new memory.',
    },
    overhead: {
      title: 'Share of the new memory that they take',
      unit: '%',
      better: 'lower',
      description: 'The same, of the DIMMs’ memory.',
    },
    given: {
      title: 'Memory that the domain gets',
      unit: 'MiB',
      better: 'higher',
      description: 'With addresses that are frames, all that is free in the new range; else what it had given up.',
    },
    free: {
      title: 'Memory left for others',
      unit: 'MiB',
      better: 'higher',
      description: 'What the host has free in the end.',
    },
    time: {
      title: 'Time to add them',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time to describe and to scrub the new frames.',
    },
  },
  run(lab, parameters) {
    const { bankSize, memory, dimms } = parameters;
    const { banks } = lab.memory;
    const scene = hostWithRoom(lab, parameters);
    if (scene === null) return;
    const { host, domain } = scene;
    domain.balloonOut(pagesIn(lab, memory / 2));
    if (takeFree(host, 'other') === null) return;
    lab.memory.frameMap(host, 'before');
    let [tables, seconds, given] = [0, 0, 0];
    for (let dimm = 0; dimm < Math.round(dimms); dimm += 1) {
      const bank = bankAt(lab, parameters, dimm);
      const plugged = banks.plug(host, bank);
      if (plugged === null) return;
      tables += plugged.tables;
      seconds += plugged.seconds;
      given += banks.give(domain, bank);
    }
    lab.measure('tables', tables);
    lab.measure('overhead', (tables / (bankSize * Math.round(dimms))) * 100);
    lab.measure('given', mebibytesOf(lab, given));
    lab.measure('free', host.freeBytes / 2 ** 20);
    lab.measure('time', seconds * 1e3);
    lab.memory.frameMap(host, 'after');
    lab.memory.check(host);
  },
} satisfies Workload;
