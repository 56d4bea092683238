import { join } from 'node:path';
import type { Comparison } from '../../contracts/comparison.js';
import type { ResultSet } from '../../decision/index.js';
import { writeWhole } from '../../files/write-whole.js';
import { packageRoot } from '../../input/package-root.js';
import { renderPage } from '../html.js';
import { canonicalJson } from '../results.js';
import { readTemplates } from '../templates.js';
import { comparisonDocument } from './document.js';

/** Writes the page of a comparison and its data into a folder, each file whole. Returns the path of the page. */
export function writeComparison(comparison: Comparison, a: ResultSet, b: ResultSet, folder: string): string {
  const templates = readTemplates(join(packageRoot(), 'templates'));
  const document = comparisonDocument(comparison, a, b);
  writeWhole(join(folder, 'index.html'), renderPage(document, templates.comparison, new Map(), templates));
  writeWhole(join(folder, 'comparison.json'), `${canonicalJson(comparison, 2)}\n`);
  return join(folder, 'index.html');
}
