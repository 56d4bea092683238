import type { Workload } from '../workload.js';
import { LOAD_PARAMETERS, hostWithRoom, loadDomain } from './scene.js';

const { bankSize, hole: _, ...parameters } = LOAD_PARAMETERS;

export default {
  id: 'hot-plug/page-offline',
  title: 'Take frames out of use that may go bad',
  description:
    'Memory that corrects more errors than it should is taken out of use frame by frame, before it fails. Each frame is somewhere in a domain that writes all the time. One that cannot be emptied stays in use, and goes once its owner gives it up.',
  parameters: {
    ...parameters,
    frames: { title: 'Frames that go bad', default: 32, unit: 'frames', min: 1, max: 10_000 },
  },
  metrics: {
    offline: {
      title: 'Frames out of use at once',
      unit: '%',
      better: 'higher',
      description: 'Of the frames that go bad; their contents are in another frame then.',
    },
    waiting: {
      title: 'Frames that stay in use',
      unit: 'frames',
      better: 'lower',
      description: 'Marked, and a danger to their owner until it gives them up.',
    },
    time: { title: 'Time of a frame', unit: 'us/frame', better: 'lower', description: 'Processor time, on average.' },
    stall: {
      title: 'Time that the domain stood still for a frame',
      unit: 'us/frame',
      better: 'lower',
      description: 'Suspended, or while the page was copied, or its own kernel worked for it; on average.',
    },
  },
  run(lab, given) {
    const scene = hostWithRoom(lab, { ...given, bankSize: bankSize.min, hole: 0 });
    if (scene === null) return;
    const { host, domain } = scene;
    loadDomain(lab, domain, given);
    const { moved, blocked, seconds, stalled } = lab.memory.banks.offline(domain, Math.round(given['frames']));
    const frames = moved + blocked;
    lab.measure('offline', (moved / frames) * 100);
    lab.measure('waiting', blocked);
    lab.measure('time', (seconds * 1e6) / frames);
    lab.measure('stall', (stalled * 1e6) / frames);
    lab.memory.check(host);
  },
} satisfies Workload;
