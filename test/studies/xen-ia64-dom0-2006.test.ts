import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readStudy } from '../../input/study.js';

const { study } = readStudy(fileURLToPath(new URL('../../studies/xen-ia64-dom0-2006.yaml', import.meta.url)));

test('each argument of the essay is answered by a criterion that judges all four alternatives', () => {
  const rows = study.description
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (---|argument)/.test(line));
  const answered = rows.map((row) => row.split('|')[2].trim());
  const judged = study.criteria.filter((criterion) => criterion.kind === 'judged');
  expect(new Set(answered)).toEqual(new Set(judged.map(({ title }) => title)));
  for (const { judgements } of judged) {
    expect(Object.keys(judgements)).toEqual(['p-equals-m', 'p2m', 'vp-hypercall', 'vp-exposed']);
  }
});

test('each judgement comes from the essay, from a reply of the same day, or is the author’s own', () => {
  const sources = study.criteria.flatMap((criterion) =>
    criterion.kind === 'judged' ? Object.values(criterion.judgements).map(({ source }) => source) : [],
  );
  expect(new Set(sources)).toEqual(new Set(['Essay of 2006-01-10', 'Reply of 2006-01-10', 'judgement']));
});

test('what was uncertain in January 2006 is judged as a range: only what does not change may have its likely figure at an end', () => {
  for (const criterion of study.criteria) {
    if (criterion.kind !== 'judged') continue;
    for (const [alternative, { low, likely, high }] of Object.entries(criterion.judgements)) {
      expect(high).toBeGreaterThan(low);
      expect(likely).toBeLessThan(high);
      if (alternative !== 'p-equals-m') expect(likely).toBeGreaterThan(low);
    }
  }
});
