import type { AreaPlan, ProgramPlan, Touch } from './program.js';

/**
 * The statically linked program in which guest page faults were counted without a hypervisor's counters: the same jobs, linked with
 * the same libc, traced the same way. Inferred is only where the first count of faults is copied out to.
 */
const area = (
  name: string,
  at: number,
  pages: number,
  rest: Pick<AreaPlan, 'file' | 'access' | 'touched'>,
): AreaPlan => ({ name, at, pages, ...rest });

const AREAS: readonly AreaPlan[] = [
  area('header', 0x400, 1, { file: ['program', 0], access: 'read', touched: [0] }),
  area('main text', 0x401, 121, {
    file: ['program', 1],
    access: 'read',
    touched: [0, 7, 18, 24, 36, 41, 49, 66, 80, 86, 95, 104, 119],
  }),
  area('constants', 0x47a, 40, { file: ['program', 0x7a], access: 'read', touched: [0, 6, 20, 27] }),
  area('relocated', 0x4a2, 4, { file: ['program', 0xa1], access: 'sealed', touched: [2, 3] }),
  area('data', 0x4a6, 3, { file: ['program', 0xa5], access: 'write', touched: [0, 1, 2] }),
  area('zeroed', 0x4a9, 6, { file: null, access: 'write', touched: [0, 4, 5] }),
  area('heap', 0x4af, 34, { file: null, access: 'write', touched: [0, 1] }),
  area('vdso text', 0x7_ffff_7ffd, 2, { file: ['vdso', 0], access: 'read', touched: [0] }),
  area('stack', 0x7_ffff_ffde, 33, { file: null, access: 'write', touched: [31, 32] }),
];

const STACK: Touch = ['stack', 31, 'write'];
const text = (...pages: readonly number[]): Touch[] => pages.map((page) => ['main text', page, 'read']);
const DATA: Touch = ['data', 1, 'read'];

export const STATIC_PROGRAM: ProgramPlan = {
  areas: AREAS,
  thread: ['heap', 0, 'write'],
  forked: {
    parent: [STACK, ...text(48, 47, 0)],
    child: [
      [...text(48), ['heap', 0, 'write'], STACK],
      [...text(47), ['zeroed', 4, 'write'], ['data', 1, 'write'], ...text(48, 0)],
    ],
  },
  calling: [...text(0), STACK],
  calls: {
    _exit: { resolving: [], body: text(47) },
    fork: { resolving: [], body: [...text(47), DATA, ['heap', 0, 'read'], ['zeroed', 4, 'read'], ...text(48)] },
    getppid: { resolving: [], body: text(49) },
    pipe: { resolving: [], body: text(48) },
    read: { resolving: [], body: [...text(48), DATA] },
    waitpid: { resolving: [], body: [...text(47), DATA] },
    write: { resolving: [], body: [...text(48), DATA] },
  },
  counting: [[...text(0), STACK], []],
  // Inferred: the kernel takes the count, and copies it out to a page that nothing was in before.
  countingFaults: [[['zeroed', 1, 'write']], []],
};
