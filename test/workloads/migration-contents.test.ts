import { describe, expect, it } from 'vitest';
import type { Lab, Workload } from '../../workloads/workload.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import { createLab } from '../../workloads/lab.js';
import { uniformPattern } from '../../workloads/patterns/uniform.js';
import { costs, platformOf, vhptScheme } from '../engine/support.js';

const insert = { model: 'insert', options: {} } as const;
const platform = platformOf([[0, 8192]], {
  controlDomainBytes: 48 * 2 ** 20,
  scheme: vhptScheme({ tlbEntries: 64, vhptEntries: 4096 }),
  socketBufferPages: 8,
  link: { bitsPerSecond: 1e9, latencyNs: 20_000 },
  costs: costs(100),
});
const SMALL: Readonly<Record<string, number>> = {
  guestMemory: 16,
  memory: 16,
  guests: 2,
  workingSet: 2,
  hotMemory: 1,
  writeRate: 500,
  accessRate: 500,
  neighbour: 8,
};
/** A guest frame that no program of so small a working set is likely to write. */
const SPOILT = 900;

/** Rules by which a move of one of these is refused; all others go through. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'migration/assigned-device': ['no-device-assigned'],
  'migration/link-failure': ['link-up'],
};

const suite = BUILT_IN_WORKLOADS.filter(({ id }) => id.startsWith('migration/'));

/** Runs a workload on guests of which one page is not what they wrote, if asked for. */
const run = async (workload: Workload, spoils: boolean): Promise<readonly string[]> => {
  const { lab, record } = createLab({
    platform,
    roles: { control: insert, driver: insert, guest: insert },
    seed: 'contents',
    recorded: () => uniformPattern({ pages: 64, writeShare: 0.1, stream: record.simulation.stream('recorded') }),
  });
  const spoil = (): void => {
    for (const { domains, frames } of record.simulation.hosts)
      for (const { name, model } of domains.values()) {
        if (!/^(guest|driver)/u.test(name)) continue;
        const mfn = model.machineFrame(model.ownedFrames()[SPOILT]);
        frames.setContents(mfn, frames.contents(mfn) + 1);
      }
  };
  const watched = Object.create(lab, {
    advance: {
      value: (seconds: number) => {
        lab.advance(seconds);
        if (spoils) spoil();
        spoils = false;
      },
    },
  }) as Lab;
  const values = Object.entries(workload.parameters).map(([name, { default: usual }]) => [name, SMALL[name] ?? usual]);
  await workload.run(watched, Object.fromEntries(values) as Record<string, number>);
  return record.findings.map(({ rule }) => rule);
};

describe('a page that is not what the guest wrote is a fault of the run, whether the move goes through or not', () => {
  it.each(suite)('$id', async (workload) => {
    expect(await run(workload, false)).toEqual(REFUSED[workload.id] ?? []);
    await expect(run(workload, true)).rejects.toThrow(/^1 frames and 0 pages of .* are not what it wrote$/u);
  });
});
