import { freeOf, mebibytesOf, pagesIn, takeFree } from '../memory-scene.js';
import type { Workload } from '../workload.js';
import { BANK_PARAMETERS, bankAt, hostWithRoom } from './scene.js';

/** What counts as a large chunk of free memory, in MiB. */
const LARGE_CHUNK = 4;

export default {
  id: 'hot-plug/cycles',
  title: 'Add and remove a bank over and over',
  description:
    'A bank comes, a domain takes memory from it, another guest comes and goes, and the bank is taken out again, round after round. A round that is refused is undone, and the bank stays for the next one.',
  parameters: {
    ...BANK_PARAMETERS,
    rounds: { title: 'Rounds', default: 5, unit: '', min: 1, max: 1000 },
  },
  metrics: {
    removed: {
      title: 'Rounds in which the bank came out',
      unit: '%',
      better: 'higher',
      description: 'The others were refused, and undone.',
    },
    time: {
      title: 'Time of a round',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time to describe, scrub and empty the bank, on average.',
    },
    moved: {
      title: 'Memory moved in a round',
      unit: 'MiB',
      better: 'lower',
      description: 'Pages that left the bank, on average.',
    },
    largeBefore: {
      title: 'Free memory in large chunks before',
      unit: '%',
      better: 'higher',
      description: 'Share of free memory in chunks of at least 4 MiB, before the first round.',
    },
    largeAfter: {
      title: 'Free memory in large chunks after',
      unit: '%',
      better: 'higher',
      description: 'The same after the last one.',
    },
    lost: {
      title: 'Memory that the domain is short of',
      unit: 'MiB',
      better: 'lower',
      description: 'What it had before and does not have after all rounds.',
    },
  },
  run(lab, parameters) {
    const { bankSize, memory, rounds } = parameters;
    const { banks, layout } = lab.memory;
    const scene = hostWithRoom(lab, parameters);
    if (scene === null) return;
    const { host, domain } = scene;
    const bank = bankAt(lab, parameters);
    const before = domain.pages;
    lab.measure('largeBefore', layout.freeInChunks(host, LARGE_CHUNK) * 100);
    const count = Math.round(rounds);
    let [removed, seconds, moved, isThere] = [0, 0, 0, false];
    for (let round = 0; round < count; round += 1) {
      domain.balloonOut(pagesIn(lab, Math.min(memory / 4, bankSize / 2)));
      const other = takeFree(host, `other ${round}`);
      if (!isThere) {
        const plugged = banks.plug(host, bank);
        if (plugged === null) return;
        seconds += plugged.seconds;
      }
      banks.give(domain, bank);
      if (other !== null) host.destroy(other);
      const removal = banks.unplug(host, bank);
      if (removal === null) return;
      const part = removal.drain();
      seconds += part.seconds;
      moved += part.moved;
      isThere = !removal.finish();
      if (isThere) removal.undo();
      else removed += 1;
      if (domain.pages < before) domain.balloonIn(before - domain.pages);
      lab.memory.check(host);
    }
    lab.measure('removed', (removed / count) * 100);
    lab.measure('time', (seconds * 1e3) / count);
    lab.measure('moved', mebibytesOf(lab, moved) / count);
    lab.measure('largeAfter', freeOf(host) === 0 ? 0 : layout.freeInChunks(host, LARGE_CHUNK) * 100);
    lab.measure('lost', Math.max(0, mebibytesOf(lab, before - domain.pages)));
  },
} satisfies Workload;
