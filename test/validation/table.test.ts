import { describe, expect, it } from 'vitest';
import { readCases } from '../../validation/cases.js';
import type { Prediction } from '../../validation/predictions/prediction.js';
import { validationTable } from '../../validation/table.js';
import { validate } from '../../validation/validate.js';

const overhead = 'xen/memory-overhead/pv/iommu=false/host=2048/dom0=512/overhead';
const prediction: Prediction = {
  id: 'test',
  title: 'test',
  covers: ['xen', 'published'],
  run: () =>
    new Map([
      [overhead, { actual: 5120, note: 'unexplained: 834' }],
      ['xen/events/pv/multicalls/fork 100', { actual: 214 }],
      ['xen/numa/distances/1', { actual: null, note: 'given' }],
      ['published/MIG-11', { actual: 38.179, isCalibrated: true, note: 'set on it' }],
    ]),
};
const scored = validate(readCases(), [prediction]);

describe('the table', () => {
  const table = validationTable(scored, { all: false });

  it('has each figure with what was expected, the error, the guess without a model, the status and the note', () => {
    expect(table).toMatch(/^Memory overhead on x86-64\n {2}case +expected +got +error +no model +status$/mu);
    expect(table).toMatch(/^ {2}pv\S+overhead +5954 pages +5120 +-834 \(-14\.0 %\) +4096 +off\n +unexplained: 834$/mu);
    expect(table).toMatch(/^ {2}no model: the frame table and nothing else$/mu);
    expect(table).toMatch(/^ {2}within the larger of 3 % and 3: /mu);
  });

  it('counts what is not modelled by topic and says why, each reason once, and lists it when asked', () => {
    expect(table).toMatch(/^Two nodes on x86-64\n {2}5 of 5 not modelled: .+$/mu);
    expect(table).toMatch(/ 5 of 5 not modelled: no prediction covers it; given$/mu);
    expect(table).not.toMatch(/ not-modelled$/mu);
    const all = validationTable(scored, { all: true });
    expect(all.match(/ not-modelled$/gmu)?.length).toBe(scored.length - 3);
  });

  it('ends with how many are exact, within, off and not modelled, and how the guesses do on the same figures', () => {
    const [engine, guesses] = table.trimEnd().split('\n').slice(-2);
    expect(engine).toBe(
      `${scored.length} figures: 0 exact, 1 within, 1 off, ${scored.length - 3} not modelled, 1 calibrated`,
    );
    expect(guesses).toBe('no model, on the 2 that the engine predicts: 0 exact, 0 within, 2 off, 0 without a guess');
    expect(table).toMatch(/^ {2}MIG-11 +38\.179 s +38\.179 +0 +- +calibrated\n +set on it$/mu);
  });
});
