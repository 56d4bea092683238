import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventsIn } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { readPlatform } from '../../input/platform.js';
import type { Scheme } from '../../input/platform-settings.js';
import { parseYaml } from '../../input/yaml-file.js';
import { ENGINE_NAMES } from '../../runner/index.js';

const folder = join(packageRoot(), 'platforms');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

interface Stated {
  readonly source: string;
  readonly assumed?: boolean;
}
interface Cost extends Stated {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}
interface Written {
  readonly scheme: Scheme;
  readonly settings: Readonly<Record<string, Stated>>;
  readonly costs: Readonly<Record<string, Cost>>;
}

const writtenIn = (file: string): Written => parseYaml(readFileSync(join(folder, file), 'utf8'), file).value as Written;

it('every event has a cost in each file whose scheme it can occur in, and in no other', () => {
  const odd = files.flatMap((file) => {
    const { scheme, costs } = writtenIn(file);
    const events: readonly string[] = eventsIn(scheme);
    return [
      ...events.filter((event) => costs[event] === undefined).map((event) => `${file} has no cost for ${event}`),
      ...Object.keys(costs)
        .filter((event) => !events.includes(event))
        .map((event) => `${file} has a cost for ${event}, which cannot occur there`),
    ];
  });
  expect(odd).toEqual([]);
});

describe.each(files)('%s', (file) => {
  it('has no mistakes, and the name of its file', () => {
    expect(`${readPlatform(join(folder, file), ENGINE_NAMES).id}.yaml`).toBe(file);
  });

  it('gives a source for every cost and every setting', () => {
    const { settings, costs } = writtenIn(file);
    const stated = [...Object.values(costs), ...Object.values(settings)];
    expect(stated.length).toBeGreaterThan(30);
    expect(stated.filter(({ source }) => source.trim() === '')).toEqual([]);
  });

  it('has a wide range where a cost is assumed: at least fourfold', () => {
    const narrow = Object.entries(writtenIn(file).costs)
      .filter(([, { assumed, low, high }]) => assumed === true && high / low < 4)
      .map(([event]) => event);
    expect(narrow).toEqual([]);
  });
});
