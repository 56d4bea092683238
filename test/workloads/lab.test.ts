import { describe, expect, it } from 'vitest';
import { createLab } from '../../workloads/lab.js';
import { platformOf } from '../engine/support.js';

const insert = { model: 'insert', options: {} } as const;

const setUp = () => {
  const platform = platformOf([[0, 8192]], { controlDomainBytes: 2 ** 25 });
  const { lab } = createLab({
    platform,
    roles: { control: insert, driver: insert, guest: insert },
    seed: 'lab',
    recorded: () => {
      throw new Error('none here');
    },
  });
  const guest = lab.host('source')!.build('guest', 'guest', 4)!;
  return { lab, guest, target: lab.host('target')! };
};

describe('a guest in the lab', () => {
  it('can be used after it moved: its kernel memory, its devices, and a program that starts there', () => {
    const { lab, guest, target } = setUp();
    expect(lab.migrate(guest, target)).not.toBeNull();
    guest.touchKernel(200, true);
    guest.sendByDma(200);
    expect(guest.reach(target.control).reached).toBe(0);
    const program = guest.start(lab.patterns.uniform({ pages: 10, writeShare: 1, stream: lab.random('writer') }), {
      rate: 1000,
    });
    lab.advance(1);
    expect(program.accesses).toBe(1000);
  });

  it('runs one program; a second one is an error of the workload', () => {
    const { lab, guest } = setUp();
    const pattern = lab.patterns.uniform({ pages: 10, writeShare: 1, stream: lab.random('writer') });
    guest.start(pattern, { rate: 1000 });
    expect(() => guest.start(pattern, { rate: 1000 })).toThrow('guest runs a program already');
  });

  it('has processes or a program, and cannot move with processes yet: each is an error of the workload', () => {
    const { lab, guest, target } = setUp();
    const processes = guest.processes();
    expect(() => guest.processes()).toThrow('guest runs processes already');
    const pattern = lab.patterns.uniform({ pages: 10, writeShare: 1, stream: lab.random('writer') });
    expect(() => guest.start(pattern, { rate: 1000 })).toThrow('guest runs processes already');
    expect(() => lab.migrate(guest, target)).toThrow('cannot be moved yet');
    expect(() => processes.exit()).toThrow('the last process of guest may not end');
  });
});

describe('the processes of a domain in the lab', () => {
  it('take turns, have their memory each for itself, and are forgotten once', () => {
    const { guest } = setUp();
    const processes = guest.processes();
    const area = processes.map(4);
    for (let page = 0; page < area.pages; page += 1) processes.touch(area, page, true);
    const free = guest.freePages;
    const child = processes.fork();
    processes.yield();
    const beforeWrite = guest.freePages;
    processes.touch(area, 0, true);
    expect(beforeWrite - guest.freePages).toBe(1);
    processes.touch(area, 0, true);
    expect(beforeWrite - guest.freePages).toBe(1);
    expect(processes.wait()).toBeNull();
    processes.exit();
    expect(processes.wait()).toBe(child);
    expect(processes.wait()).toBeNull();
    expect(guest.freePages).toBe(free);
  });

  it('may not touch what they have unmapped, nor write what they have made read-only', () => {
    const { guest } = setUp();
    const processes = guest.processes();
    const area = processes.map(2);
    processes.touch(area, 0, true);
    processes.protect(area, false);
    processes.touch(area, 0, false);
    expect(() => processes.touch(area, 0, true)).toThrow('is read-only');
    processes.unmap(area);
    expect(() => processes.touch(area, 0, false)).toThrow('is in no area');
  });

  it('say how much memory their tables take, and that they ran out of it', () => {
    const { lab, guest } = setUp();
    const processes = guest.processes();
    const before = guest.overheadBytes;
    const area = processes.map(1);
    processes.touch(area, 0, true);
    // A lowest table and one above it.
    expect(guest.overheadBytes - before).toBe(2 * lab.pageBytes);
    const large = processes.map(1000);
    expect(() => {
      for (let page = 0; page < large.pages; page += 1) processes.touch(large, page, true);
    }).toThrow('guest is out of memory');
  });

  it('are built in a domain that goes with all of its memory', () => {
    const { lab } = setUp();
    const host = lab.host('third')!;
    const free = host.freeBytes;
    const other = host.build('guest', 'other', 4)!;
    other.processes().fork();
    expect(host.destroy(other)).toBe(true);
    expect(host.freeBytes).toBe(free);
  });
});
