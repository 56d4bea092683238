import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlipAnalysis } from '../contracts/flip.js';
import type { RunManifest } from '../contracts/run.js';
import { writeWhole } from '../files/write-whole.js';
import { flipBasis } from '../runner/index.js';

/** Flip points that stand beside the decision; null when there are none, or they are of another study, version or input file. */
export function readFlips(outDir: string, manifest: RunManifest): FlipAnalysis | null {
  const path = fileIn(outDir);
  if (!existsSync(path)) return null;
  try {
    const flips = JSON.parse(readFileSync(path, 'utf8')) as FlipAnalysis;
    return flips.format === 'physmap flips 2' && flips.basis === flipBasis(manifest) ? flips : null;
  } catch {
    return null;
  }
}

/** Writes them whole, and returns where. */
export function writeFlips(outDir: string, flips: FlipAnalysis): string {
  writeWhole(fileIn(outDir), `${JSON.stringify(flips, null, 2)}\n`);
  return fileIn(outDir);
}

function fileIn(outDir: string): string {
  return join(outDir, 'flips.json');
}
