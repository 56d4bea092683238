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
});
