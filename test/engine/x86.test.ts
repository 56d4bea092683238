import { describe, expect, it } from 'vitest';
import { makeEntry } from '../../engine/host/entry.js';
import { type Machine, linuxOn } from './linux/support.js';

const tableOf = (machine: Machine) => machine.kernel.newTable();

describe('what the hypervisor keeps of a P2M guest on x86', () => {
  it('refuses a page table while the kernel can write it, and makes none writable', () => {
    const machine = linuxOn('p2m', 64);
    const memory = machine.memory!;
    const table = tableOf(machine);
    expect(memory.pin(table, 1)).toContain('cannot be a page table');
    expect(memory.mapKernelPage(table, 'readOnly')).toBe(null);
    expect(memory.pin(table, 1)).toBe(null);
    expect(memory.mapKernelPage(table, 'writable')).toContain('cannot be made writable');
    expect(machine.violations()).toEqual([]);
  });

  it('refuses an entry that would make a page table writable, and one to a frame of another domain', () => {
    const machine = linuxOn('p2m', 64);
    const memory = machine.memory!;
    const table = tableOf(machine);
    memory.mapKernelPage(table, 'readOnly');
    memory.pin(table, 1);
    expect(memory.update(table, 0, makeEntry(table, true))).toHaveProperty('refusal');
    expect(memory.update(table, 0, makeEntry(table, false))).toBe('page table');
    expect(memory.update(table, 1, makeEntry(30_000, false))).toHaveProperty('refusal');
    expect(machine.violations()).toEqual([]);
    expect(memory.unpin(table)).toBe(null);
    expect(machine.violations()).toEqual([]);
  });

  it('takes a whole tree with its root or nothing of it', () => {
    const machine = linuxOn('p2m', 64);
    const memory = machine.memory!;
    const [root, middle, low, leaf] = [tableOf(machine), tableOf(machine), tableOf(machine), tableOf(machine)];
    const { tables } = machine.domain.host;
    tables.get(root)![0] = makeEntry(middle, true);
    tables.get(middle)![0] = makeEntry(low, true);
    tables.get(low)![0] = makeEntry(leaf, true);
    for (const table of [root, middle, low]) memory.mapKernelPage(table, 'readOnly');
    const before = machine.violations();
    expect(memory.pin(root, 4)).toContain('cannot be a page table');
    expect(machine.violations()).toEqual(before);
    memory.mapKernelPage(leaf, 'readOnly');
    expect(memory.pin(root, 4)).toBe(null);
    expect(machine.violations()).toEqual([]);
  });

  it('the audit finds a use that was forgotten', () => {
    const machine = linuxOn('p2m', 64);
    const mfn = machine.domain.model.machineFrame(machine.kernel.takeFrame());
    machine.domain.host.frames.dropType(mfn);
    expect(machine.violations().map(({ rule }) => rule)).toEqual(['counts', 'counts']);
  });
});
