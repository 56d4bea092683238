import type { Case, CaseBook, Figure } from './case.js';

/** What one would guess with no model at all. */
interface Baseline {
  /** Cases whose id fits. The first baseline that fits holds. */
  readonly covers: RegExp;
  readonly words: string;
  readonly guess: (one: Case, book: CaseBook) => Figure;
}

const PAGES_A_MEBIBYTE = 256;

/** Bytes a frame of the frame table, of Xen's headers (META-01). */
const FRAME_TABLE_BYTES = { x86: 32, arm: 56 };

const condition = (one: Case, key: string): number => Number(one.conditions[key]);

const frameTablePages = (one: Case, bytesAFrame: number): number =>
  Math.ceil((condition(one, 'host MiB') * PAGES_A_MEBIBYTE * bytesAFrame) / 4096);

const BASELINES: readonly Baseline[] = [
  {
    covers: /^xen\/memory-overhead\/.*\/overhead$/u,
    words: 'the frame table and nothing else',
    guess: (one) => frameTablePages(one, FRAME_TABLE_BYTES.x86),
  },
  {
    covers: /^xen\/memory-overhead\/.*\/free$/u,
    words: 'usable less domain0 and the frame table',
    guess: (one) =>
      condition(one, 'usable') -
      condition(one, 'dom0 MiB') * PAGES_A_MEBIBYTE -
      frameTablePages(one, FRAME_TABLE_BYTES.x86),
  },
  {
    covers: /^xen\/memory-overhead\/.*\/usable$/u,
    words: 'all of the host',
    guess: (one) => condition(one, 'host MiB') * PAGES_A_MEBIBYTE,
  },
  { covers: /^xen\/memory-overhead\/(shadow|domU)/u, words: 'a domain costs the hypervisor nothing', guess: () => 0 },
  {
    covers: /^xen(-arm)?\/instructions\//u,
    words: 'what the same job takes on bare metal',
    guess: ({ id }, book) => book.recorded(`${id.slice(0, id.lastIndexOf('/'))}/bare`),
  },
  {
    covers: /^xen\/guest-page-faults\//u,
    words: 'one fault for each page that the job says it touches',
    guess: ({ id }) => (id.endsWith('touch 64') ? 64 * PAGES_A_MEBIBYTE : 0),
  },
  { covers: /^xen\/events\//u, words: 'bare metal: no hypervisor, no such event', guess: () => 0 },
  {
    covers: /^xen\/balloon\/.*free pages gained$/u,
    words: 'every page that was asked for',
    guess: () => 64 * PAGES_A_MEBIBYTE,
  },
  { covers: /^xen\/balloon\//u, words: 'bare metal: no such event', guess: () => 0 },
  {
    covers: /^xen(-arm\/grants-direct\/grant_table_op|\/grants\/grant_table_op hypercalls)\//u,
    words: 'a hypercall to map and one to unmap each page',
    guess: ({ id }) => {
      const [, pages, times] = /n (\d+)( ten times)?$/u.exec(id)!;
      return 2 * Number(pages) * (times === undefined ? 1 : 10);
    },
  },
  { covers: /^xen(-arm)?\/grants/u, words: 'bare metal: no such event', guess: () => 0 },
  {
    covers: /^xen\/log-dirty\//u,
    words: 'the pages that the writer writes in the window, up to its working set, and no background',
    guess: ({ id }) => {
      const [, writes, windowMs] = /r=(\d+)\/(\d+) ms/u.exec(id)!;
      return Math.min(16384, (Number(writes) * Number(windowMs)) / 100);
    },
  },
  {
    covers: /^xen\/migration\/.*\/pages$/u,
    words: 'all of the guest at once, stopped',
    guess: ({ id }) => (id.includes('pass 1') ? 256 * PAGES_A_MEBIBYTE : 0),
  },
  {
    covers: /^xen\/numa\/node/u,
    words: 'all pages on the node that was asked for',
    guess: ({ id }) => (id.includes('node 0') ? 768 * PAGES_A_MEBIBYTE : 0),
  },
  {
    covers: /^xen-arm\/placement\/.*banks$/u,
    words: 'one bank from the start of memory',
    guess: (one) => `40000000-${(0x4000_0000 + condition(one, 'ask MiB') * 2 ** 20).toString(16)}`,
  },
  { covers: /^xen-arm\/placement\/.*refused$/u, words: 'never refused', guess: () => 'false' },
  { covers: /^xen-arm\/placement\/not monotone/u, words: 'never refused', guess: () => 'granted' },
  { covers: /^xen-arm\/refusals\//u, words: 'never refused', guess: () => 'granted' },
  { covers: /^xen-arm\/placement\/.*unallocated MiB$/u, words: 'nothing is left over', guess: () => 0 },
  {
    covers: /^xen-arm\/memory-overhead\/host/u,
    words: 'the frame table, not rounded, and nothing else',
    guess: (one) => frameTablePages(one, FRAME_TABLE_BYTES.arm),
  },
  { covers: /^xen-arm\/memory-overhead\/guest/u, words: 'a domain costs the hypervisor nothing', guess: () => 0 },
  {
    covers: /^xen-arm\/memory-overhead\/identity/u,
    words: 'PFN = MFN everywhere',
    guess: () => 0,
  },
  {
    covers: /^xen-arm\/memory-overhead\/2 MiB entries/u,
    words: 'memory over 2 MiB',
    guess: ({ id }) => Number(id.split('/').at(-1)) / 2,
  },
  {
    covers: /^xen-arm\/balloon-direct\/\d [a-z-]*\+?(start|\d+ MiB)/u,
    words: 'ballooned pages are freed; nothing happens to the tables',
    guess: ({ id }, book) => {
      const [, , step, figure] = id.split('/');
      const start = book.recorded(`xen-arm/balloon-direct/1 start/${figure}`);
      const out = { '2 -64 MiB': 64, '3 -64 MiB': 128 }[step] ?? 0;
      const sign = { 'free pages': 1, owned: -1, 'identity entries': -1 }[figure] ?? 0;
      return start + sign * out * PAGES_A_MEBIBYTE;
    },
  },
  {
    covers: /^xen-arm\/balloon-translated\/from the heap\/(free pages|owned)/u,
    words: 'ballooned pages are freed',
    guess: ({ id }, book) => {
      const out = { 2: 64, 3: 128 }[Number(id.at(-1))] ?? 0;
      const sign = id.includes('free pages') ? 1 : -1;
      return book.recorded(`${id.slice(0, -1)}1`) + sign * out * PAGES_A_MEBIBYTE;
    },
  },
  {
    covers: /^published\/DIRTY-01\//u,
    words: 'every write dirties a page of its own, up to all of memory',
    guess: ({ id }) => {
      const seconds = Number(/\/(\d+) ms\//u.exec(id)![1]) / 1000;
      return Math.round(Math.min(3e6 * 4096 * seconds, 2 ** 30) / 2 ** 20 / seconds);
    },
  },
  { covers: /^published\/NUMA-\d+\/ratio/u, words: 'placement makes no difference', guess: () => 1 },
  { covers: /^published\/VM-01$/u, words: 'a native walk of four levels', guess: () => 4 },
];

/** What one would guess for a case without any model, with the guess in words; null where no guess is worth the name. */
export const baselineOf = (one: Case, book: CaseBook): { readonly guess: Figure; readonly words: string } | null => {
  const baseline = BASELINES.find(({ covers }) => covers.test(one.id));
  return baseline === undefined ? null : { guess: baseline.guess(one, book), words: baseline.words };
};
