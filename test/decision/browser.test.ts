import { createContext, runInContext } from 'node:vm';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { analyse } from '../../decision/index.js';
import { packageRoot } from '../../input/package-root.js';
import { criterion, profile, tableOf } from './table/example.js';

test('the module needs nothing of Node: bundled for a browser it gives the same analysis where there is only the language and TextEncoder', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(packageRoot(), 'decision', 'index.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'decision',
  });
  const table = tableOf(
    [criterion('x', [[0, 0.4, 1], 0.5, null]), criterion('y', [0.2, [0.1, 0.3, 0.9], 1])],
    [profile('any', { kind: 'unknown' }), profile('order', { kind: 'order', places: [['y'], ['x']] })],
  );
  const context = createContext({ TextEncoder });
  runInContext(outputFiles[0].text, context);
  const found = runInContext(`JSON.stringify(decision.analyse(${JSON.stringify(table)}))`, context) as string;
  expect(JSON.parse(found)).toEqual(JSON.parse(JSON.stringify(analyse(table))));
});
