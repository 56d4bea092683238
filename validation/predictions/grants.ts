import type { CaseBook } from '../case.js';
import { bootDomain0, built, recordedHost } from '../scenes/arm-host.js';
import { armGrantJob, grantJob } from '../scenes/grant-job.js';
import { DYNAMIC_PROGRAM } from '../scenes/dynamic-program.js';
import { emulatedMachine, eventCosts, paceOf, timersOf } from '../scenes/emulated-machine.js';
import { linuxMachine } from '../scenes/linux-machine.js';
import { PAGES_A_MEBIBYTE } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const X86 = 'xen/grants';
const ARM = 'xen-arm/grants-direct';
const UPDATES = `${X86}/page updates (all of the kernel's, not the grant operations' own)`;
const NULL_JOB = 'xen/events/pv/page updates/null-job';

/** What a row's key asks for: `n 64`, `n 64 ten times`. */
const jobOf = (key: string): { pages: number; times: number } => ({
  pages: Number(/^n (\d+)/u.exec(key)![1]),
  times: key.endsWith('ten times') ? 10 : 1,
});

const keysUnder = (book: CaseBook, start: string): string[] => book.under(start).map(({ id }) => id.split('/').at(-1)!);

const PREEMPTED = 'a hypercall that an event interrupts goes in again; how long one takes on that machine is not known';

const TIMED = 'once more where a timer fell into one; what a grant takes of the hypervisor is assumed';

const onX86 = (book: CaseBook): [string, Outcome][] =>
  keysUnder(book, UPDATES).flatMap((key): [string, Outcome][] => {
    const { pages, times } = jobOf(key);
    const { pv } = emulatedMachine(book);
    const machine = linuxMachine('p2m', 512 * PAGES_A_MEBIBYTE, eventCosts(pv));
    grantJob(machine, pages, times, { ...DYNAMIC_PROGRAM, pace: paceOf(pv, timersOf()) });
    const updates = machine.count('pageUpdate', 'job');
    const nullJob = book.recorded(NULL_JOB);
    return [
      [`${X86}/grant_table_op hypercalls/${key}`, { actual: machine.count('grantOperation', 'job'), note: TIMED }],
      [
        `${UPDATES}/${key}`,
        {
          actual: updates + nullJob,
          note: `${updates}, and ${nullJob} of the null job; what else the program touches is not recorded`,
        },
      ],
    ];
  });

const onArm = (book: CaseBook): [string, Outcome][] =>
  keysUnder(book, `${ARM}/grant_table_op`).flatMap((key): [string, Outcome][] => {
    const { pages, times } = jobOf(key);
    const domain0 = built(bootDomain0(recordedHost(1024), 512));
    armGrantJob(domain0, pages, times);
    return [
      [`${ARM}/grant_table_op/${key}`, { actual: domain0.account.count('grantOperation', 'job') }],
      [`${ARM}/memory_op/${key}`, { actual: domain0.account.count('memoryOperation', 'job'), note: PREEMPTED }],
    ];
  });

export const grants: Prediction = {
  id: 'grants',
  title: 'Linux in domain0, under P2M and under P==M on Arm, grants pages to itself, maps, touches and unmaps them.',
  covers: [X86, ARM],
  run: (book) => new Map([...onX86(book), ...onArm(book)]),
};
