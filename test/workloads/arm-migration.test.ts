import { expect, it } from 'vitest';
import { conditionsUnder } from '../../input/platform-conditions.js';
import uniformWriter from '../../workloads/migration/uniform-writer.js';
import { PLATFORM_FILES, labOf } from './platform-cases.js';

const file = PLATFORM_FILES.find(({ id }) => id === 'arm64-2026')!;
const nested = { model: 'nested', options: {} } as const;

it.each([
  ['is refused by the hypervisor', {}, ['hypervisor-migrates']],
  ['goes as its model allows where it is asked for as hypothetical', { migration: 'hypothetical' }, []],
] as const)('a migration on arm64-2026 %s', (_title, given, rules) => {
  const roles = { control: nested, driver: nested, guest: nested };
  const { lab, record } = labOf({ title: file.id, file, roles }, conditionsUnder(file.conditions, given));
  uniformWriter.run(lab, { guestMemory: 16, workingSet: 4, writeRate: 2000, tool: 2, bandwidth: 100 });
  expect(record.findings.map(({ rule }) => rule)).toEqual(rules);
  expect(record.metrics.has('downtime')).toBe(rules.length === 0);
});
