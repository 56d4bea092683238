import type { Workload } from '../workload.js';
import { CRASH_SERIES, recordState, recordSteps } from './crash-times.js';
import { SCENE_PARAMETERS, buildScene } from './scene.js';

export default {
  id: 'driver-domains/crash',
  title: 'A driver crashes under load',
  description:
    'Each guest has packets or requests under way when the driver stops. In a driver domain, that domain is taken down, scrubbed, built again and connected again, and what was not answered is sent again, as disk frontends do; a network would lose it. In domain0 the host goes with it. How long kernels and hosts take to boot is given; all else is what the engine charges.',
  parameters: {
    ...SCENE_PARAMETERS,
    guests: { ...SCENE_PARAMETERS.guests, default: 4 },
    disk: { title: 'A network card (0) or a disk (1)', default: 1, unit: '', min: 0, max: 1 },
    bytes: { title: 'Size of a packet or a request', default: 4096, unit: 'B', min: 64, max: 131072 },
    underWay: { title: 'Under way for each guest', default: 32, unit: '', min: 1, max: 256 },
    served: { title: 'Pages that the driver still serves', default: 40, unit: '', min: 0, max: 1e6 },
    detection: { title: 'Until the crash is noticed', default: 1, unit: 's', min: 0, max: 600 },
    driverBoot: {
      title: 'Boot of the driver domain, and reset of its device',
      default: 8,
      unit: 's',
      min: 0,
      max: 600,
    },
    hostBoot: { title: 'Boot of the host with domain0', default: 120, unit: 's', min: 0, max: 3600 },
    guestBoot: { title: 'Boot of a guest', default: 30, unit: 's', min: 0, max: 3600 },
  },
  metrics: {
    outage: {
      title: 'Time to service',
      unit: 's',
      better: 'lower',
      description: 'From the crash until guests are served again.',
    },
    unanswered: {
      title: 'Packets or requests without an answer',
      unit: '',
      better: 'lower',
      description: 'What was under way and not served when the driver stopped, of all guests.',
    },
    lost: {
      title: 'Packets or requests lost',
      unit: '',
      better: 'lower',
      description:
        'Those that are not sent again: of a network card all without an answer; of a disk none that go through then.',
    },
    guestsLost: {
      title: 'Guests that went with it',
      unit: '',
      better: 'lower',
      description: 'Guests that have to boot again since the host did.',
    },
    scrubbed: {
      title: 'Frames scrubbed',
      unit: 'frames',
      better: 'lower',
      description: 'Frames of the crashed domain that were scrubbed before anybody could have them.',
    },
    keptFrames: {
      title: 'Frames that had to be kept',
      unit: 'frames',
      better: 'lower',
      description: 'Frames that nobody else could have meanwhile, since the domain needs the same ones again.',
    },
    rogueBefore: {
      title: 'Frames of others that the device could reach before',
      unit: 'frames',
      better: 'lower',
      description: 'If it ignores its driver: frames of other domains, of the hypervisor, and free ones.',
    },
    rogueAfter: {
      title: 'Frames of others that the device can reach after',
      unit: 'frames',
      better: 'lower',
      description: 'The same once the domain is back.',
    },
  },
  series: CRASH_SERIES,
  run(lab, parameters) {
    const { bytes, disk, underWay, served, detection, driverBoot, hostBoot, guestBoot } = parameters;
    const isDisk = disk >= 0.5;
    const scene = buildScene(lab, parameters, { kind: isDisk ? 'disk' : 'network' }, { bytes, batch: 16 });
    if (scene === null) return;
    const { lines, host } = scene;
    const memory = scene.device.domain.pages;
    const restart = lab.drivers.crash(scene.device, lines, { under: Math.round(underWay), served: Math.round(served) });
    if (restart === null) {
      if (parameters.driverDomain >= 0.5) return;
      const steps = [
        { title: 'until noticed', waiting: true, value: detection },
        { title: 'boot the host', waiting: true, value: hostBoot },
        { title: 'boot the guests', waiting: true, value: guestBoot },
      ];
      lab.measure('outage', recordSteps(lab, steps));
      lab.measure('guestsLost', lines.length);
      lab.explain('outage', steps);
      return;
    }
    const steps = [
      { title: 'until noticed', waiting: true, value: detection },
      { title: 'take down and scrub', waiting: false, value: restart.takeDownNs / 1e9 },
      { title: 'build', waiting: false, value: restart.buildNs / 1e9 },
      { title: 'boot', waiting: true, value: driverBoot },
      { title: 'connect', waiting: false, value: restart.connectNs / 1e9 },
    ];
    const lost = isDisk ? restart.unanswered - restart.replayed : restart.unanswered;
    lab.measure('outage', recordSteps(lab, steps));
    recordState(lab, steps, 'unanswered', [restart.unanswered, restart.unanswered, restart.unanswered, lost]);
    recordState(lab, steps, 'frames', [memory, restart.keptFrames, memory, memory]);
    lab.explain('outage', steps);
    lab.measure('unanswered', restart.unanswered);
    lab.measure('lost', lost);
    lab.measure('guestsLost', 0);
    lab.measure('scrubbed', restart.scrubbedFrames);
    lab.measure('keptFrames', restart.keptFrames);
    lab.measure('rogueBefore', restart.reach[0]);
    lab.measure('rogueAfter', restart.reach[1]);
    const wrong = lab.drivers.check();
    if (wrong.length > 0) throw new Error(`${host.name}: ${wrong.join('; ')}`);
  },
} satisfies Workload;
