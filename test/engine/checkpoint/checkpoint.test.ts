import { describe, expect, it } from 'vitest';
import {
  type Archive,
  CheckpointError,
  type Checkpointed,
  MigrationSession,
  type OwnState,
  Program,
  type Simulation,
  reliableLink,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../engine/index.js';
import { GIGABIT, setUp } from '../operations/migration-scene.js';
import { VARIANTS, domainOn, hostOf, platformOf, vhptScheme } from '../support.js';

const PLATFORM = platformOf([[0, 64]]);

const makeSimulation = (): Simulation => {
  const host = hostOf(PLATFORM);
  domainOn(host, 'guest', 'insert', 16);
  return host.simulation;
};

const restore = (bytes: Uint8Array, own: OwnState = () => {}, platform = PLATFORM): Simulation =>
  restoreCheckpoint(bytes, { platform, own });

const faultOf = (work: () => unknown): [fault: string, message: string] => {
  try {
    work();
  } catch (error) {
    if (error instanceof CheckpointError) return [error.fault, error.message];
    throw error;
  }
  return ['none', ''];
};

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
};

describe('a checkpoint that cannot be restored says why', () => {
  const bytes = saveCheckpoint(makeSimulation());

  it('is no checkpoint', () => {
    expect(faultOf(() => restore(new TextEncoder().encode('PK'.repeat(40))))[0]).toBe('magic');
    expect(faultOf(() => restore(changed(bytes, 3, 0)))[0]).toBe('magic');
  });

  it('is of a newer or an older format', () => {
    expect(faultOf(() => restore(changed(bytes, 8, 5)))).toEqual([
      'version',
      'the checkpoint is of format 5, a newer one than 4, which this engine reads',
    ]);
    expect(faultOf(() => restore(changed(bytes, 8, 1)))[1]).toContain('an older one');
  });

  it('is cut off, wherever it is', () => {
    for (const length of [0, 5, 8, 31, 32, 100, Math.floor(bytes.length / 2), bytes.length - 1]) {
      expect(faultOf(() => restore(bytes.slice(0, length)))[0]).toBe('truncated');
    }
  });

  it('has other bytes than were written, in any place behind its header', () => {
    for (let at = 32; at < bytes.length; at += Math.ceil(bytes.length / 50)) {
      expect(faultOf(() => restore(changed(bytes, at, bytes[at] ^ 1)))[0]).toBe('damaged');
    }
    expect(faultOf(() => restore(Uint8Array.of(...bytes, 0)))[0]).toBe('damaged');
  });

  it('is from a machine of the other byte order', () => {
    const swapped = bytes.slice();
    swapped.subarray(12, 16).reverse();
    expect(faultOf(() => restore(swapped))[0]).toBe('platform');
  });

  it('is of another platform, and in what', () => {
    const scheme = vhptScheme({ tlbEntries: 9 });
    expect(faultOf(() => restore(bytes, undefined, platformOf([[0, 64]], { scheme })))).toEqual([
      'platform',
      'the checkpoint is of another platform: "scheme.tlbEntries" is not the same',
    ]);
  });

  it('lacks a field, has one too many, or one of another kind or length', () => {
    const save = (own: OwnState): Uint8Array => saveCheckpoint(makeSimulation(), own);
    const faultWith = (own: OwnState, other: OwnState): [string, string] => faultOf(() => restore(save(own), other));
    const one: OwnState = (archive) => void archive.value('one', 1);
    expect(faultWith(() => {}, one)).toEqual(['field', 'the field own.one is not in the checkpoint']);
    expect(faultWith(one, () => {})).toEqual(['field', 'the field own.one is in the checkpoint, and nothing reads it']);
    expect(faultWith(one, (archive) => void archive.value('one', 'text'))[0]).toBe('field');
    expect(faultWith(one, (archive) => archive.view('one', new Uint8Array(1)))[0]).toBe('field');
    const view: OwnState = (archive) => archive.view('one', new Uint16Array(4));
    expect(faultWith(view, (archive) => archive.view('one', new Uint16Array(5)))).toEqual([
      'field',
      'the field own.one has 4 entries and not 5',
    ]);
  });
});

describe('fields', () => {
  it('come back as they were: odd numbers, texts, views of every kind, sets and maps in their order, parts and lists', () => {
    const thing = (): Checkpointed & { state: unknown } => {
      const made = {
        state: null as unknown,
        checkpoint(archive: Archive) {
          const set = new Set(archive.reading ? [99] : [5, 1, 3]);
          const map = new Map(archive.reading ? [] : [[9, 1] as const, [2, 8] as const]);
          const view = archive.reading ? new Float64Array(2) : Float64Array.of(Math.PI, -0);
          archive.set('set', set);
          archive.map('map', map);
          archive.view('view', view);
          made.state = [
            archive.value('number', archive.reading ? 0 : Number.NaN),
            archive.value('negative zero', archive.reading ? 0 : -0),
            archive.value('infinite', archive.reading ? 0 : -Infinity),
            archive.value('text', archive.reading ? '' : 'ä\n"'),
            archive.value('flag', !archive.reading),
            archive.value('nothing', null),
            archive.data('data', archive.reading ? {} : { deep: [1, { er: true }] }),
            archive.texts('texts', archive.reading ? [] : ['b', 'a']),
            archive.numbers('numbers', archive.reading ? [] : [1e300, 2, -3]),
            [...set],
            [...map],
            [...view],
            [
              ...archive.resized(
                'resized',
                archive.reading ? new Int16Array(0) : Int16Array.of(-1, 7),
                (length) => new Int16Array(length),
              ),
            ],
            archive.list('list', archive.reading ? [] : [7, 6], (each, item) => each.value('item', item ?? 0)),
          ];
        },
      };
      return made;
    };
    const [saved, read] = [thing(), thing()];
    const own =
      (part: Checkpointed): OwnState =>
      (archive) =>
        archive.part('thing', part);
    restore(saveCheckpoint(makeSimulation(), own(saved)), own(read));
    expect(read.state).toEqual(saved.state);
  });

  it('may not have one name twice', () => {
    const twice: OwnState = (archive) => {
      archive.value('one', 1);
      archive.value('one', 2);
    };
    expect(() => saveCheckpoint(makeSimulation(), twice)).toThrow('the field "one" is saved twice');
  });
});

describe('a run that cannot be saved', () => {
  it('has a program that nobody saves', () => {
    const host = hostOf(PLATFORM);
    host.simulation.clock.start(new Program(domainOn(host, 'guest', 'insert', 16), { pages: 1, fill: () => 0 }, 1));
    expect(() => saveCheckpoint(host.simulation)).toThrow('"running" has an object that the checkpoint does not hold');
  });

  it('has a program whose pattern cannot say where it is', () => {
    const host = hostOf(PLATFORM);
    const program = new Program(domainOn(host, 'guest', 'insert', 16), { pages: 1, fill: () => 0 }, 1);
    expect(() => saveCheckpoint(host.simulation, (archive) => archive.part('program', program))).toThrow(
      'what a program does cannot be saved: its pattern has no checkpoint()',
    );
  });

  it('has a guest on its way whose migration nobody saves', () => {
    const { running, control, targetControl, simulation } = setUp(VARIANTS[3]);
    MigrationSession.begin({ ...running[0], control, targetControl, link: reliableLink(GIGABIT) });
    const programs: OwnState = (archive) => archive.part('program', running[0].program);
    expect(() => saveCheckpoint(simulation, programs)).toThrow(
      '"moves" has an object that the checkpoint does not hold',
    );
  });
});
