import { AxeBuilder } from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HtmlValidate } from 'html-validate';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareResults } from '../../decision/index.js';
import { writeComparison } from '../../report/comparison/write.js';
import { writeReport } from '../../report/write.js';
import { heavierEase } from '../report/fixtures/compared.js';
import { realisticInput } from '../report/fixtures/realistic.js';
import { smallInput } from '../report/fixtures/small.js';
import { launchChromium, packagedChromium } from './chromium.js';

let folder = '';
let address = '';
let smallAddress = '';
let comparisonPage = '';
const OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })";
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'physmap-browser-'));
  address = pathToFileURL(await writeReport(realisticInput(), folder)).href;
  smallAddress = pathToFileURL(await writeReport(smallInput(), join(folder, 'small'))).href;
  const [a, b] = [smallInput(), heavierEase()];
  comparisonPage = writeComparison(compareResults(a, b), a, b, join(folder, 'comparison'));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(
  options: Parameters<Browser['newContext']>[0] = {},
  url = address,
): Promise<{
  readonly page: Page;
  readonly context: BrowserContext;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, context, requests, complaints };
}

describe('the page in a browser', () => {
  test('asks for nothing but itself and complains of nothing', async () => {
    const { context, page, requests, complaints } = await open();
    await page.waitForLoadState('networkidle');
    expect(requests).toEqual([address]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('has its style, so that its security policy admits it', async () => {
    const { context, page } = await open({ colorScheme: 'light' });
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(255, 254, 251)');
    await context.close();
  });

  test('reads whole without JavaScript', async () => {
    const { context, page } = await open({ javaScriptEnabled: false });
    expect(await page.locator('h1').innerText()).toBe(realisticInput().study.question);
    expect(await page.locator('figure:visible').count()).toBeGreaterThanOrEqual(4);
    await context.close();
  });

  // Everything folded out on a small report, in both schemes; what only size brings on a real one, in light.
  test.each([
    ['light', 360, 'small'],
    ['dark', 360, 'small'],
    ['dark', 1440, 'small'],
    ['light', 1440, 'real'],
    ['light', 360, 'comparison'],
    ['dark', 1440, 'comparison'],
  ] as const)('has no axe violation in %s, %i px wide, %s', async (colorScheme, width, size) => {
    const { context, page } = await open(
      { colorScheme, viewport: { width, height: 900 } },
      { small: smallAddress, real: address, comparison: pathToFileURL(comparisonPage).href }[size],
    );
    if (size === 'small') await page.evaluate(OPEN_ALL);
    const { violations, passes } = await new AxeBuilder({ page })
      .setLegacyMode(true)
      .options({ resultTypes: ['violations'] })
      .analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(passes.map(({ id }) => id)).toEqual(
      expect.arrayContaining(width === 360 ? ['color-contrast', 'scrollable-region-focusable'] : ['color-contrast']),
    );
    await context.close();
  });

  test.each([360, 768, 1440])(
    'does not scroll sideways at %i px, and its wide parts scroll in their own room',
    async (width) => {
      const { context, page } = await open({ viewport: { width, height: 900 } });
      await page.evaluate(OPEN_ALL);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      const outside = await page.evaluate(
        `[...document.querySelectorAll('body *')].filter((each) => !each.closest('.scroll') && each.getBoundingClientRect().right > ${width} + 0.5).map((each) => each.outerHTML.slice(0, 80))`,
      );
      expect(outside).toEqual([]);
      const unreachable = await page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth && each.tabIndex !== 0).length",
      );
      expect(unreachable).toBe(0);
      await context.close();
    },
  );

  test.each([
    [360, 9.5],
    [1440, 11],
  ])('text of charts is large enough to read at %i px', async (width, least) => {
    const { context, page } = await open({ viewport: { width, height: 900 } });
    const sizes = (await page.evaluate(
      "[...document.querySelectorAll('figure svg[role=img]')].filter((each) => each.checkVisibility()).map((each) => 12 * each.getBoundingClientRect().width / each.viewBox.baseVal.width)",
    )) as readonly number[];
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(least);
    await context.close();
  });

  test('no text of a chart runs out of its picture or over another', async () => {
    const { context, page } = await open({ viewport: { width: 1440, height: 900 } });
    const out = await page.evaluate(`[...document.querySelectorAll('figure .wide svg[role=img]')].flatMap((svg) => {
      const room = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll('text')].map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width > 0);
      const outside = boxes.filter(({ box }) => box.right > room.right + 6 || box.left < room.left - 6).map(({ words }) => words);
      const over = boxes.flatMap((a, at) => boxes.slice(at + 1).filter((b) =>
        Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 2 && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 6,
      ).map((b) => a.words + ' / ' + b.words));
      return [...outside, ...over].map((words) => svg.closest('figure').id + ': ' + words);
    })`);
    expect(out).toEqual([]);
    await context.close();
  });

  test('on paper shows what is folded away on a screen, and lets no table be cut off', async () => {
    const { context, page } = await open({ viewport: { width: 700, height: 1000 } });
    const folded = await page.evaluate(
      "document.querySelector('figure details table').checkVisibility({ contentVisibilityAuto: true })",
    );
    await page.emulateMedia({ media: 'print' });
    const hidden = await page.evaluate(
      "[...document.querySelectorAll('details table')].filter((each) => each.getBoundingClientRect().height === 0).length",
    );
    const cut = await page.evaluate(
      "[...document.querySelectorAll('.scroll')].filter((each) => getComputedStyle(each).overflowX !== 'visible').length",
    );
    expect([folded, hidden, cut]).toEqual([false, 0, 0]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(700);
    await context.close();
  });
});

describe('the HTML', () => {
  test.each(['report', 'comparison'])(
    'of a %s is valid by the recommended rules of html-validate, every one of them',
    async (which) => {
      const validator = new HtmlValidate({ extends: ['html-validate:recommended'] });
      const report = await validator.validateString(
        readFileSync(which === 'report' ? join(folder, 'index.html') : comparisonPage, 'utf8'),
      );
      const faults = report.results.flatMap((result) =>
        result.messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`),
      );
      expect(faults.slice(0, 20)).toEqual([]);
    },
  );

  test('is at most 1 MB', () => {
    expect(readFileSync(join(folder, 'index.html')).byteLength).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe.skipIf(process.platform !== 'linux' || process.env['PHYSMAP_CHROMIUM'])(
  'the Chromium of the npm package',
  () => {
    test('finds every shared library, those that machines lack from the package itself', () => {
      const { executable, environment } = packagedChromium();
      const listed = execFileSync('ldd', [executable], { env: { ...process.env, ...environment }, encoding: 'utf8' });
      expect(listed).not.toContain('not found');
      const place = environment['LD_LIBRARY_PATH']?.split(':')[0] ?? '';
      for (const library of [
        'libnss3.so',
        'libnssutil3.so',
        'libnspr4.so',
        'libplc4.so',
        'libplds4.so',
        'libexpat.so.1',
      ])
        expect(listed).toMatch(new RegExp(`${library.replaceAll('.', '\\.')} => ${place}/`));
      const ofTheSystem = [...listed.matchAll(/^\s*(\S+) => (?!\/[^ ]*al2023)/gm)].map(([, name]) => name ?? '');
      expect(ofTheSystem.filter((name) => !/^(?:libc|libdl|libm|libpthread|librt|libgcc_s)\.so/.test(name))).toEqual(
        [],
      );
    });
  },
);
