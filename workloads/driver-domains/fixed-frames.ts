import type { Lab, LabHost, Workload, WorkloadMetric } from '../workload.js';

const can = (title: string, description: string): WorkloadMetric => ({
  title,
  unit: '',
  better: 'higher',
  description,
});

/** Guests take all memory but about this share, where the hypervisor has its tables. */
const LEFT = 0.02;
const PARTS = 4;
/** Frames that are taken out of use, one after the other. */
const BAD_FRAMES = 64;
/** MiB beside the memory of domains: what hypervisors keep for their tables. */
const POOLS = 16;

/** Fills a host with guests until less than `memory` MiB is free, and has them balloon out more than is needed, page by page. */
const scatter = (lab: Lab, host: LabHost, memory: number): void => {
  const free = (): number => host.freeBytes / 2 ** 20;
  const guests = Array.from({ length: PARTS }, (_, guest) => {
    const each = Math.floor((free() * (1 - LEFT)) / (PARTS - guest));
    return host.build('guest', `${host.name} guest ${guest}`, each);
  });
  for (let filler = 0; free() >= memory; filler += 1) {
    if (host.build('guest', `${host.name} filler ${filler}`, memory / 2) === null) break;
  }
  const pages = Math.ceil(((3 * memory + POOLS) * 2 ** 20) / lab.pageBytes / PARTS);
  for (const guest of guests) guest?.balloonOut(pages);
};

export default {
  id: 'driver-domains/fixed-frames',
  title: 'Where the memory of a driver domain comes from, and what that forbids',
  description:
    'A driver domain is wanted on a host whose free memory is scattered, unless it was there from boot, or its memory was set aside. Then it is resized, crashes and comes back after others were built, gets a second instance, loses frames under its feet, and moves to a like host. What its memory model refuses is a finding. Static memory, as Arm has it, is the first way: a range that is the domain’s from boot on.',
  parameters: {
    memory: { title: 'Memory of the driver domain', default: 32, unit: 'MiB', min: 4, max: 1024 },
    way: {
      title:
        'Memory: 0 what is free when it is wanted; 1 a partition from boot on; 2 set aside at boot; 3 the same, its device behind an identity map',
      default: 0,
      unit: '',
      min: 0,
      max: 3,
    },
  },
  metrics: {
    builds: can('It can be built', '1 when the domain gets its memory where free memory is scattered; 0 when not.'),
    resizes: can(
      'Memory that it gave up comes back',
      'Share of a quarter of its memory that comes back after another domain was built; 1 for all.',
    ),
    restarts: can('It comes back after a crash', '1 when it is built again after a crash; 0 when not.'),
    second: can('A second instance can be built', '1 when another of its size gets memory beside it; 0 when not.'),
    vacates: can(
      'Frames that can be taken out from under it',
      'Share, of frames from anywhere in its memory, that go out of use while it runs, as when their bank is removed; 1 for all. Its kernel has a quarter of its memory for itself.',
    ),
    moves: can(
      'It can move to a like host',
      '1 when it moves, without its device, to a host that runs the same domains; 0 when not.',
    ),
    setAside: {
      title: 'Memory kept while the domain is not there',
      unit: 'MiB',
      better: 'lower',
      description: 'What nobody else can have from boot until the domain is wanted, or while it is down.',
    },
  },
  run(lab, { memory, way }) {
    const host = lab.host('host');
    const target = lab.host('target');
    if (host === null || target === null) return;
    const number = Math.round(way);
    const early = number === 1 ? host.build('driver', 'driver', memory) : null;
    const reserve = number >= 2 ? host.build('driver', 'reserve', memory) : null;
    target.build('driver', 'driver of target', memory);
    scatter(lab, host, memory);
    if (reserve !== null) host.destroy(reserve);
    const driver = early ?? host.build('driver', 'driver', memory);
    lab.measure('builds', driver === null ? 0 : 1);
    lab.measure('setAside', reserve === null ? 0 : memory);
    if (driver === null) return;
    const pages = Math.floor((memory * 2 ** 20) / lab.pageBytes / 4);
    const gone = driver.balloonOut(pages);
    const passing = host.build('guest', 'passing', memory / 2);
    lab.measure('resizes', gone === 0 ? 0 : driver.balloonIn() / gone);
    if (passing !== null) host.destroy(passing);
    lab.measure('second', host.build('driver', 'second', memory) === null ? 0 : 1);
    const { banks } = lab.memory;
    banks.takeForKernel(driver, pages);
    const { moved, blocked } = banks.offline(driver, BAD_FRAMES);
    lab.measure('vacates', moved / (moved + blocked));
    lab.measure('moves', lab.migrate(driver, target) === null ? 0 : 1);
    const after = lab.host('after crash');
    const again = after?.build('driver', 'driver again', memory) ?? null;
    const device =
      again === null
        ? null
        : lab.drivers.assign(again, { kind: 'network', guard: number === 3 ? 'identity' : 'usual' });
    if (device === null) return;
    const restart = lab.drivers.crash(device, [], { under: 0, served: 0 });
    lab.measure('restarts', restart === null ? 0 : 1);
    if (restart !== null)
      lab.measure('setAside', Math.max(reserve === null ? 0 : memory, (restart.keptFrames * lab.pageBytes) / 2 ** 20));
  },
} satisfies Workload;
