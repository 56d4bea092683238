import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { packageRoot } from '../../input/package-root.js';

/** A Chromium and the environment that it starts in. */
export interface ChromiumBuild {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
}

const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
  '--font-render-hinting=none',
];

function fontsConfiguration(folder: string): string {
  return (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>' +
    `<dir>${folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>\n`
  );
}

/**
 * Unpacks the package's own files into `folder`. The package unpacks its shared libraries only where it takes the machine for
 * a Lambda, and all of them into the folder for temporary files: a process of its own is told both.
 */
function unpack(folder: string): void {
  const script =
    "import('@sparticuz/chromium').then(({ default: chromium }) => { chromium.setGraphicsMode = false; return chromium.executablePath(); })" +
    '.catch((error) => { console.error(error); process.exit(1); });';
  execFileSync(process.execPath, ['-e', script], {
    cwd: packageRoot(),
    env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The Chromium of the npm package, unpacked once a version under node_modules/.cache. */
export function packagedChromium(): ChromiumBuild {
  const manifest = createRequire(import.meta.url)
    .resolve('@sparticuz/chromium')
    .replace(/build[\\/]cjs[\\/].*$/, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const cache = join(packageRoot(), 'node_modules', '.cache', 'physmap');
  const folder = join(cache, `chromium-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const part = mkdtempSync(join(cache, 'part-'));
    try {
      unpack(part);
      writeFileSync(join(part, 'fonts', 'fonts.conf'), fontsConfiguration(folder));
      renameSync(part, folder);
    } catch (error) {
      rmSync(part, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  const libraries = [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter((path) => path);
  return {
    executable: join(folder, 'chromium'),
    environment: { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

/** The reader's own Chromium where PHYSMAP_CHROMIUM names one, else that of the npm package. */
export function findChromium(): ChromiumBuild {
  const own = process.env['PHYSMAP_CHROMIUM'];
  return own ? { executable: own, environment: {} } : packagedChromium();
}

/** Starts Chromium without a window and without a network of its own. */
export async function launchChromium(): Promise<Browser> {
  const { executable, environment } = findChromium();
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return chromium.launch({
    executablePath: executable,
    args: [...FLAGS],
    headless: true,
    env: { ...Object.fromEntries(inherited), ...environment },
  });
}
