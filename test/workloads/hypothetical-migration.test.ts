import { describe, expect, it } from 'vitest';
import { conditionsUnder } from '../../input/platform-conditions.js';
import uniformWriter from '../../workloads/migration/uniform-writer.js';
import { PLATFORM_FILES, labOf } from './platform-cases.js';

const WITHOUT = [
  ['arm64-2026', 'nested'],
  ['ppc64-2006', 'insert'],
] as const;

describe.each(WITHOUT)('a migration on %s', (id, model) => {
  it.each([
    ['is refused by the hypervisor', {}, ['hypervisor-migrates']],
    ['goes as its model allows where it is asked for as hypothetical', { migration: 'hypothetical' }, []],
  ] as const)('%s', (_title, given, rules) => {
    const file = PLATFORM_FILES.find((each) => each.id === id)!;
    const role = { model, options: {} };
    const roles = { control: role, driver: role, guest: role };
    const { lab, record } = labOf({ title: file.id, file, roles }, conditionsUnder(file.conditions, given));
    uniformWriter.run(lab, { guestMemory: 16, workingSet: 4, writeRate: 2000, tool: 2, bandwidth: 100 });
    expect(record.findings.map(({ rule }) => rule)).toEqual(rules);
    expect(record.metrics.has('downtime')).toBe(rules.length === 0);
  });
});
