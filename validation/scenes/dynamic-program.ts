import type { AreaPlan, LibcCall, ProgramPlan, Touch } from './program.js';

/**
 * The one process layout of all jobs under a hypervisor: a C program of Debian 12 (glibc 2.36) that reads Xen's counters, so
 * that it is linked to libxenctrl and through it to seven more libraries. Areas, the pages of them that were written and those that
 * a job touches are what such a program was seen to have and to touch: a program of four loops, one a job, was traced access by access,
 * its kernel pages by /proc/self/pagemap, at the addresses that it has without address randomisation, below the six pages of vdso of
 * Linux 6.1. docs/models/processes.md says what was not seen but inferred: each such place is marked here.
 */
const PROGRAM = 0x5_5555_5554;
const LIBRARIES = 0x7_ffff_7000;

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, page) => page);

interface Segments {
  readonly at: number;
  /** Pages of the segments: header, text, constants, relocated data, data. */
  readonly pages: readonly [header: number, text: number, constants: number, relocated: number, data: number];
  readonly touched: readonly [header: readonly number[], text: readonly number[], constants: readonly number[]];
}

/** The areas of a file. All of its data were written as it was loaded. */
const fileAreas = (name: string, { at, pages, touched }: Segments): AreaPlan[] => {
  const [header, text, constants, relocated, data] = pages;
  const area = (part: string, from: number, count: number, rest: Pick<AreaPlan, 'access' | 'touched'>): AreaPlan => ({
    name: `${name} ${part}`,
    at: at + from,
    pages: count,
    file: [name, from],
    ...rest,
  });
  const before = header + text + constants;
  return [
    area('header', 0, header, { access: 'read', touched: touched[0] }),
    area('text', header, text, { access: 'read', touched: touched[1] }),
    area('constants', header + text, constants, { access: 'read', touched: touched[2] }),
    area('relocated', before, relocated, { access: 'sealed', touched: upTo(relocated) }),
    area('data', before + relocated, data, { access: 'write', touched: upTo(data) }),
  ];
};

const anonymous = (name: string, at: number, pages: number, touched: readonly number[]): AreaPlan => ({
  name,
  at,
  pages,
  file: null,
  access: 'write',
  touched,
});

const SMALL = { pages: [1, 1, 1, 1, 1], touched: [[0], [0], []] } as const;
const CALLED = { pages: [1, 1, 1, 1, 1], touched: [[0], [0], [0]] } as const;

const LIBC_TEXT_TOUCHED = [0, 16, 34, 54, 78, 88, 96, 104, 112, 121, 139, 158, 209, 215, 226, 240, 297, 303];

const AREAS: readonly AreaPlan[] = [
  // Inferred: four pages of text, where the traced program has one, which has none of the measuring program's other jobs.
  ...fileAreas('program', { at: PROGRAM, pages: [1, 4, 1, 1, 1], touched: [[0], [0], [0]] }),
  // One page of the heap was seen; inferred: three more of what the library and the counters take.
  anonymous('heap', PROGRAM + 8, 33, upTo(4)),
  // Inferred: buffers of hypercalls, for the names and the values of the counters and for the call itself.
  { name: 'hypercall buffers', at: LIBRARIES + 0xd7d, pages: 6, file: null, access: 'device', touched: [] },
  anonymous('thread storage', LIBRARIES + 0xd83, 2, upTo(2)),
  ...fileAreas('libxentoolcore', { at: LIBRARIES + 0xd85, ...SMALL }),
  ...fileAreas('libxendevicemodel', { at: LIBRARIES + 0xd8a, pages: [2, 2, 1, 1, 1], touched: [[0], [0], []] }),
  ...fileAreas('libxenforeignmemory', { at: LIBRARIES + 0xd91, ...SMALL }),
  ...fileAreas('libxengnttab', { at: LIBRARIES + 0xd96, pages: [1, 2, 1, 1, 1], touched: [[0], [0], []] }),
  anonymous('later libraries', LIBRARIES + 0xd9c, 2, upTo(2)),
  ...fileAreas('libxenevtchn', { at: LIBRARIES + 0xd9e, ...SMALL }),
  ...fileAreas('libxencall', { at: LIBRARIES + 0xda3, ...CALLED }),
  ...fileAreas('libxentoollog', { at: LIBRARIES + 0xda8, ...CALLED }),
  ...fileAreas('libc', {
    at: LIBRARIES + 0xdad,
    pages: [38, 342, 83, 4, 2],
    touched: [upTo(38), LIBC_TEXT_TOUCHED, [0, 2, 20, 26, 37]],
  }),
  anonymous('libc zeroed', LIBRARIES + 0xf82, 13, [0, 4, 5, 6, 12]),
  ...fileAreas('libxenctrl', { at: LIBRARIES + 0xf98, pages: [8, 25, 7, 1, 1], touched: [[0], [0, 14], []] }),
  anonymous('first libraries', LIBRARIES + 0xfc2, 2, upTo(2)),
  { name: 'vdso text', at: LIBRARIES + 0xfc8, pages: 2, file: ['vdso', 0], access: 'read', touched: [0] },
  ...fileAreas('loader', { at: LIBRARIES + 0xfca, pages: [1, 38, 10, 2, 2], touched: [[0], upTo(37), [0]] }),
  anonymous('stack', 0x7_ffff_ffde, 33, [29, 30, 31, 32]),
];

/** The stack page that all frames of a job are in. Inferred: their depth is near a page, and where they begin is the environment's. */
const STACK: Touch = ['stack', 31, 'write'];

const reads = (area: string, ...pages: readonly number[]): Touch[] => pages.map((page) => [area, page, 'read']);

/**
 * The first call of a function finds it through the loader, which searches the program, libxenctrl and libc in turn. Which pages of
 * libc's symbols it reads goes by the function. The strings that it compares begin at different bytes of a word, so that the comparison
 * goes by a table of constants.
 */
const resolving = (...symbolPages: readonly number[]): Touch[] => [
  ['program data', 0, 'read'],
  ...reads('program relocated', 0),
  ...reads('loader text', 17),
  ...reads('loader relocated', 1),
  ...reads('loader text', 14),
  ...reads('loader data', 1),
  ...reads('program header', 0),
  ...reads('later libraries', 1),
  ...reads('thread storage', 1),
  ...reads('loader text', 8),
  ['loader data', 0, 'write'],
  ...reads('loader text', 7),
  ...reads('first libraries', 0),
  ...reads('libxenctrl relocated', 0),
  ...reads('libxenctrl header', 0),
  ...reads('libc relocated', 3),
  ...reads('libc header', 4, 5, ...symbolPages),
  ...reads('loader text', 33, 34),
  ...reads('loader constants', 1),
  ...reads('libc header', 34, 35),
  ...reads('thread storage', 0),
  ...reads('loader text', 15),
  ['program data', 0, 'write'],
];

const CALLS: Readonly<Record<LibcCall, ProgramPlan['calls'][LibcCall]>> = {
  _exit: { resolving: resolving(7, 18), body: reads('libc text', 174) },
  fork: {
    resolving: resolving(6, 15, 27),
    body: [
      ...reads('libc text', 173),
      ...reads('libc zeroed', 6),
      ...reads('thread storage', 1),
      ...reads('libc text', 174),
      ...reads('libc zeroed', 5),
    ],
  },
  getppid: { resolving: resolving(6, 15, 29), body: reads('libc text', 175) },
  pipe: { resolving: resolving(8, 26), body: reads('libc text', 210) },
  read: { resolving: resolving(6, 15, 28), body: [...reads('libc text', 210), ...reads('libc zeroed', 6)] },
  waitpid: { resolving: resolving(8, 23, 32), body: [...reads('libc text', 173), ...reads('libc zeroed', 6)] },
  write: { resolving: resolving(8, 25, 31), body: [...reads('libc text', 210), ...reads('libc zeroed', 6)] },
};

/** Inferred: reading the counters writes the heap, and the lists of it that libc keeps. */
const COUNTING: readonly Touch[] = [
  ['heap', 0, 'write'],
  ['libc data', 0, 'write'],
];
const CALLING: readonly Touch[] = [...reads('program text', 0), STACK, ...reads('program data', 0)];

export const DYNAMIC_PROGRAM: ProgramPlan = {
  areas: AREAS,
  thread: ['thread storage', 1, 'write'],
  forked: {
    parent: [STACK, ...reads('libc text', 174, 173), ...reads('program text', 0)],
    child: [
      [...reads('libc text', 174), ['thread storage', 1, 'write'], STACK],
      [
        ...reads('libc text', 173),
        ['libc zeroed', 4, 'write'],
        ...reads('libc relocated', 3),
        ['loader data', 1, 'write'],
        ['loader data', 0, 'write'],
        ...reads('libc zeroed', 5),
        ...reads('program text', 0),
      ],
    ],
  },
  calling: CALLING,
  calls: CALLS,
  // Before the job, the functions that read them had to be found.
  counting: [[...CALLING, ...resolving(), ...COUNTING], COUNTING],
  // Inferred: the program's copy of the counters is in the heap.
  countingFaults: [[], [['heap', 1, 'write']]],
};
