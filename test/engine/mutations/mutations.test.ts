import { afterEach, describe, expect, it, vi } from 'vitest';
import { GRANTS_AND_DEVICES } from './grants-and-devices.js';
import { INSERTED_TRANSLATIONS } from './inserted-translations.js';
import { PROCESSES } from './processes.js';
import { SECOND_STAGE } from './second-stage.js';
import { TWINS } from './twins.js';

/** Twenty mechanisms and more, each broken by itself. */
const AREAS = [INSERTED_TRANSLATIONS, TWINS, SECOND_STAGE, GRANTS_AND_DEVICES, PROCESSES];
const MUTATIONS = AREAS.flatMap(({ mutations }) => mutations);

afterEach(() => void vi.restoreAllMocks());

describe('the harnesses find no fault in the engine as it is', () => {
  it.each(AREAS.flatMap(({ harnesses }) => harnesses))(
    '%s',
    (_name, harness) => {
      expect(harness()).toBe(false);
    },
    60_000,
  );
});

describe('every mechanism that is broken on purpose is caught', () => {
  it.each(MUTATIONS)(
    '%s',
    (_what, harness, breakIt) => {
      breakIt();
      expect(harness()).toBe(true);
    },
    60_000,
  );

  it('are twenty at least, each with a name of its own', () => {
    const names = new Set(MUTATIONS.map(([what]) => what));
    expect(names.size).toBe(MUTATIONS.length);
    expect(names.size).toBeGreaterThanOrEqual(20);
  });
});
