import type { Workload } from '../workload.js';
import { GUARDS, SCENE_PARAMETERS, connectBy } from './scene.js';

const { driverMemory, driverDomain, path, guard, guestMemory } = SCENE_PARAMETERS;

export default {
  id: 'driver-domains/reach',
  title: 'What a domain with a device can reach',
  description:
    'A device that ignores its driver goes for every frame of the host, while a guest sends through it. What it gets to depends on what stands between, not on the memory model alone. With persistent grants, pages of the guest stay within reach.',
  parameters: { driverMemory, driverDomain, path, guard, guestMemory },
  metrics: {
    otherFrames: {
      title: "Frames of other domains within the device's reach",
      unit: 'frames',
      better: 'lower',
      description: 'Frames that belong to other domains and were not granted.',
    },
    hypervisorFrames: {
      title: "Frames of the hypervisor within the device's reach",
      unit: 'frames',
      better: 'lower',
      description: 'Frames that the hypervisor keeps for itself, its tables among them.',
    },
    grantedFrames: {
      title: "Granted frames within the device's reach",
      unit: 'frames',
      better: 'lower',
      description: 'Frames of other domains to which the domain has a right after the packets went.',
    },
    reachable: {
      title: "Share of the host's memory within the device's reach",
      unit: '%',
      better: 'lower',
      description: 'Frames of all kinds, of those that are installed.',
    },
    machineAddresses: {
      title: 'Own frames whose machine address the domain has',
      unit: '%',
      better: 'lower',
      description: 'Share of its frames that it can name to a device without asking the hypervisor.',
    },
    exposed: {
      title: 'Frames of others that its processor reaches',
      unit: '%',
      better: 'lower',
      description: "Share of the guest's frames that its kernel gets into its TLB without a right to them.",
    },
  },
  run(lab, parameters) {
    const host = lab.host('host');
    const isOwn = parameters.driverDomain >= 0.5;
    const backend =
      host === null ? null : isOwn ? host.build('driver', 'driver', parameters.driverMemory) : host.control;
    if (host === null || backend === null) return;
    const device = lab.drivers.assign(backend, { kind: 'network', guard: GUARDS[Math.round(parameters.guard)] });
    const guest = host.build('guest', 'guest', parameters.guestMemory);
    if (device === null || guest === null) return;
    const line = connectBy(lab, guest, device, parameters.path, { bytes: 4096, batch: 16 });
    line?.move('out', 64);
    const { own, granted, others, hypervisor, free } = device.reach();
    lab.measure('otherFrames', others);
    lab.measure('hypervisorFrames', hypervisor);
    lab.measure('grantedFrames', granted);
    lab.measure('reachable', ((own + granted + others + hypervisor + free) / host.installedPages) * 100);
    lab.measure('machineAddresses', (backend.machineAddresses() / backend.pages) * 100);
    const { tried, reached } = backend.reach(guest);
    lab.measure('exposed', (reached / tried) * 100);
  },
} satisfies Workload;
