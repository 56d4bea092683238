import { join } from 'node:path';
import type { EventCosts } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { readYaml } from '../../input/yaml-file.js';
import { parseQuantity } from '../../input/units.js';

interface WrittenCosts {
  readonly settings: { readonly clock: { readonly value: string } };
  readonly costs: Readonly<Record<string, { readonly value: number; readonly unit: 'cycles' | 'ns' | 'us' | 'ms' }>>;
}

/** Nanoseconds of each event as a platform file has them. */
export const platformCosts = (platform: string): EventCosts => {
  const { settings, costs } = readYaml(join(packageRoot(), 'platforms', `${platform}.yaml`)).value as WrittenCosts;
  const hertz = parseQuantity(settings.clock.value, 'Hz');
  if (!hertz.ok) throw new Error(`${platform} has no clock: ${hertz.message}`);
  const nanoseconds = { cycles: 1e9 / hertz.value, ns: 1, us: 1e3, ms: 1e6 };
  return Object.fromEntries(
    Object.entries(costs).map(([event, { value, unit }]) => [event, value * nanoseconds[unit]]),
  );
};
