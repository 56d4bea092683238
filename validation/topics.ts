/** A group of cases that are predicted, or not, for one reason. */
export interface Topic {
  /** Cases whose id starts so belong to it; the first topic that fits holds. */
  readonly start: string;
  readonly title: string;
  readonly unit: string;
  /** Why the engine does not state the figures that no prediction covers. */
  readonly notModelled: string;
}

/** All topics, in the order of the table. */
export const TOPICS: readonly Topic[] = [
  {
    start: 'xen/memory-overhead',
    title: 'Memory overhead on x86-64',
    unit: 'pages',
    notModelled:
      'what firmware leaves usable is given to the engine; the p2m and the bounce pool inside domain0 are not allocated by it',
  },
  {
    start: 'xen/instructions',
    title: 'Instructions of a job on x86-64',
    unit: 'instructions',
    notModelled: 'what an exit under VP takes in instructions is not known',
  },
  {
    start: 'xen/guest-page-faults',
    title: 'Page faults in the guest on x86-64',
    unit: 'faults',
    notModelled: 'what the null job does is given, and added to what each job did',
  },
  {
    start: 'xen/events/pv',
    title: 'Events of a job under P2M on x86-64',
    unit: 'events',
    notModelled: 'what the null job does is given, and added to what each job did',
  },
  {
    start: 'xen/events/hap',
    title: 'Events of a job under VP by nested tables on x86-64',
    unit: 'events',
    notModelled: 'what the null job does is given, and added to what each job did',
  },
  {
    start: 'xen/events/shadow',
    title: 'Events of a job under VP by shadow tables on x86-64',
    unit: 'events',
    notModelled: 'what the null job does is given, and added to what each job did',
  },
  {
    start: 'xen/balloon',
    title: 'Balloon of domain0 on x86-64',
    unit: 'events',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen/grants',
    title: 'Grants of domain0 to itself on x86-64',
    unit: 'events',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen/log-dirty',
    title: 'Dirty pages of a guest at each harvest on x86-64',
    unit: 'pages',
    notModelled: 'what a Linux guest writes by itself is given, from the runs at r = 0',
  },
  {
    start: 'xen/migration',
    title: 'Passes of a migration on x86-64',
    unit: 'pages',
    notModelled: 'seconds of an emulated machine; and what a guest writes by itself is given, from the run at r = 0',
  },
  {
    start: 'xen/numa',
    title: 'Two nodes on x86-64',
    unit: 'pages',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen-arm/placement',
    title: 'Placement of a direct domain on Arm',
    unit: '',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen-arm/memory-overhead',
    title: 'Memory overhead on Arm',
    unit: 'pages',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen-arm/instructions',
    title: 'Instructions of a job on Arm',
    unit: 'instructions',
    notModelled: 'the engine counts events of memory management, not instructions of guest and hypervisor',
  },
  {
    start: 'xen-arm/balloon-direct',
    title: 'Balloon of a direct domain on Arm',
    unit: 'pages',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen-arm/balloon-translated',
    title: 'Balloon of a translated guest on Arm',
    unit: 'pages',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen-arm/grants-direct',
    title: 'Grants of a direct domain on Arm',
    unit: 'events',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen-arm/dma-direct',
    title: 'DMA of a direct domain on Arm',
    unit: 'buffers',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'xen-arm/refusals',
    title: 'What Xen on Arm refuses',
    unit: '',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'published/DIRTY',
    title: 'Published: dirty rate by window',
    unit: '',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'published/VM',
    title: 'Published: translation and page tables',
    unit: '',
    notModelled:
      'times of whole builds, of which the share of memory is not published (VM-13, 15, 19); what VM-17 ran is not published',
  },
  {
    start: 'published/MIG',
    title: 'Published: migration',
    unit: '',
    notModelled:
      'workload sizes are not published (MIG-01, 02); a receiver that rebuilds large pages is not in the engine (MIG-15)',
  },
  {
    start: 'published/IO',
    title: 'Published: network and disk through driver domains',
    unit: '',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'published/DMA',
    title: 'Published: DMA through an IOMMU',
    unit: '',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'published/NUMA',
    title: 'Published: NUMA placement',
    unit: '',
    notModelled:
      'figures of a host whose processors are not named: only ratios and orders are stated; and what share of a compile waits for memory is not published',
  },
  {
    start: 'published/MEM',
    title: 'Published: ballooning',
    unit: '',
    notModelled: 'no prediction covers it',
  },
  {
    start: 'published/IA',
    title: 'Published: Xen/ia64',
    unit: '',
    notModelled: 'a share of the system time of a whole kernel build, of which the engine has no part to compare',
  },
  {
    start: 'published/HV',
    title: 'Published: what Xen/ia64 did after the essay',
    unit: '',
    notModelled: 'history: the order and the dates of decisions are not for the engine to state',
  },
];

/** Units that differ from their topic's, by the end of the id. */
const OTHER_UNITS: readonly (readonly [end: RegExp, unit: string])[] = [
  [/p2m bytes a page$/u, 'B'],
  [/bounce pool$/u, 'MiB'],
  [/^xen\/balloon\/.*free pages gained$/u, 'pages'],
  [/\/seconds$/u, 's'],
  [/^xen\/numa\/distances/u, 'SLIT'],
  [/unallocated MiB$/u, 'MiB'],
  [/translated instead\/runs$/u, 'runs'],
  [/runs of contiguous frames\//u, 'runs'],
  [/translated instead\/pages left$/u, 'pages'],
  [/2 MiB entries(\/\d+)?$/u, 'entries'],
  [/identity entries$|not identity$/u, 'entries'],
];

/** The topic of a case. */
export const topicOf = (id: string): Topic => {
  const topic = TOPICS.find(({ start }) => id.startsWith(start));
  if (topic === undefined) throw new Error(`no topic holds ${id}`);
  return topic;
};

export const unitOf = (id: string): string => OTHER_UNITS.find(([end]) => end.test(id))?.[1] ?? topicOf(id).unit;
