import { describe, expect, it } from 'vitest';
import { KINDS } from './steps.js';

/**
 * The operations that the models of memory tell apart, and the steps of the random world that exercise each. Every variant of the
 * world takes all steps, so that each model meets each operation: where its model cannot do it, the reference expects the refusal.
 */
const STEPS_OF = {
  'translate for the CPU': ['write', 'read', 'kernel write', 'process: write', 'process: read', 'use granted'],
  'write a page-table entry': ['map', 'map read-only', 'unmap', 'process: map', 'process: unmap', 'process: protect'],
  'switch address space': ['process: fork', 'process: exec', 'process: exit', 'process: wait', 'process: yield'],
  'program a DMA device': [
    'map for DMA',
    'unmap for DMA',
    'device reads',
    'device writes',
    'share with a device',
    'make a bounce pool',
    'exchange for contiguity',
  ],
  'map a granted (foreign) page': [
    'grant',
    'end a grant',
    'map granted',
    'unmap granted',
    'map granted for DMA',
    'gntalloc: grant',
    'gntalloc: free',
    'gntdev: map',
    'gntdev: unmap',
    'gntdev: use',
    'map foreign',
    'unmap foreign',
    'read foreign',
    'write foreign',
  ],
  'copy to and from a granted page, passed on by others too': ['copy by grant', 'pass a grant on'],
  'page flip (transfer a frame)': ['wait for a frame', 'transfer'],
  'balloon out, in': [
    'balloon out',
    'balloon in',
    'Linux balloons out',
    'Linux balloons in',
    'give up what a device maps',
  ],
  'move a page to another node or out of a bad DIMM': ['relocate', 'offline and back', 'bring near by the hypervisor'],
  'see the NUMA topology': ['bring near by the guest'],
  'place a new domain': ['build', 'destroy', 'boot Linux'],
  'add memory, remove a bank': ['unplug and back'],
  overcommit: ['share', 'page out', 'build on demand'],
  'migrate to another host': ['migrate there and back', 'post-copy there and back', 'log', 'harvest', 'stop logging'],
  'save and restore': ['to disk and back', 'save and restore'],
  'restart a crashed driver domain': ['crash and restart'],
  'what a device can reach, with an IOMMU and without': [
    'assign device',
    'remove device',
    'give up what a device used',
    'time passes',
  ],
} as const;

const NAMED: ReadonlySet<string> = new Set(Object.values(STEPS_OF).flat());

describe('the table of operations of the memory models', () => {
  it.each(Object.entries(STEPS_OF))('“%s” has steps in the random world', (_row, kinds) => {
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.filter((kind) => !KINDS.includes(kind))).toEqual([]);
  });

  it('every step belongs to a row, but for the other steps of processes', () => {
    const others = new Set(KINDS.filter((kind) => !NAMED.has(kind)));
    expect([...others].filter((kind) => !kind.startsWith('process: '))).toEqual([]);
  });
});
