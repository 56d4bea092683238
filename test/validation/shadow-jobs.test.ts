import { describe, expect, it } from 'vitest';
import { audit } from '../../engine/index.js';
import { contextSwitchJob, forkJob, syscallJob, touchJob } from '../../validation/scenes/jobs.js';
import { type LinuxMachine, linuxMachine } from '../../validation/scenes/linux-machine.js';

const ran = (pages: number, job: (machine: LinuxMachine) => void): readonly number[] => {
  const machine = linuxMachine('shadow', pages);
  job(machine);
  expect(audit(machine.host)).toEqual([]);
  return (['pageFaultExit', 'faultPassedOn', 'addressSpaceExit', 'pageFlushExit'] as const).map((event) =>
    machine.count(event, 'job'),
  );
};

/** Counts of a real Xen 4.17 (xen-counts.yaml, events, shadow), each less the null job's. */
describe('jobs under shadow tables against a real Xen', () => {
  it('touch 64: all but the page-fault exits exact, and those within 2 %', () => {
    const [exits, own, switches, flushes] = ran(128 * 256, ({ kernel }) => touchJob(kernel, 64));
    expect([own, switches, flushes]).toEqual([16_384, 2, 0]);
    expect(Math.abs(exits - 33_767) / 33_767).toBeLessThan(0.02);
  });

  it.each([2, 8, 30])(
    'touch %i: the guest takes a fault a page, the twin one more; and no more than one in 20 besides',
    (mebibytes) => {
      const pages = mebibytes * 256;
      const [exits, own, switches] = ran(40 * 256, ({ kernel }) => touchJob(kernel, mebibytes));
      expect(own).toBe(pages);
      expect(switches).toBe(Math.ceil(pages / (8 + 19 * 510)));
      expect(exits).toBeGreaterThanOrEqual(2 * pages);
      expect(exits).toBeLessThanOrEqual(2.05 * pages + 8);
    },
  );

  it('fork 100: exact but for the page-fault exits, and those within 2 %', () => {
    const [exits, own, switches, flushes] = ran(128 * 256, ({ kernel }) => forkJob(kernel, 100));
    expect([own, switches, flushes]).toEqual([1805, 400, 600]);
    expect(Math.abs(exits - 7875) / 7875).toBeLessThan(0.02);
  });

  it('ctxsw 1000: exact but for the page-fault exits, and those within 10 %; after the first one no ping-pong takes one', () => {
    const [exits, own, switches, flushes] = ran(8192, ({ kernel }) => contextSwitchJob(kernel, 1000));
    expect([own, switches, flushes]).toEqual([24, 2004, 6]);
    expect(Math.abs(exits - 109) / 109).toBeLessThan(0.1);
    expect(ran(8192, ({ kernel }) => contextSwitchJob(kernel, 2))[0]).toBe(exits);
  });

  it('syscall: a call takes no exit', () => {
    const [exits] = ran(8192, ({ kernel }) => syscallJob(kernel, 1000));
    expect(exits).toBe(3);
    expect(ran(8192, ({ kernel }) => syscallJob(kernel, 1))[0]).toBe(exits);
  });
});
