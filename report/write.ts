import { join } from 'node:path';
import { writeWhole } from '../files/write-whole.js';
import { packageRoot } from '../input/package-root.js';
import { chartSpec } from './charts/chart-spec.js';
import { standaloneSvg } from './charts/standalone-svg.js';
import { WIDE } from './charts/style.js';
import { buildDocument } from './document.js';
import { renderHtml } from './html.js';
import { renderMarkdown } from './markdown.js';
import type { ReportInput } from './names.js';
import { readProse } from './prose.js';
import { chartsOf, drawCharts } from './render-charts.js';
import { canonicalJson, renderResults } from './results.js';
import { readTemplates } from './templates.js';

/** The text of every file of a report, by its path under the report's folder. */
export async function renderReport(input: ReportInput, templates: string): Promise<ReadonlyMap<string, string>> {
  const document = buildDocument(input, readProse(templates));
  const drawn = await drawCharts(document);
  const files = new Map([
    ['index.html', renderHtml(document, drawn, readTemplates(templates))],
    ['report.md', renderMarkdown(document)],
    ['results.json', renderResults(input)],
    ['document.json', `${canonicalJson(document, 2)}\n`],
  ]);
  for (const chart of chartsOf(document)) {
    const picture = drawn.get(chart.id);
    if (picture) files.set(`charts/${chart.id}.svg`, standaloneSvg(picture.wide));
    files.set(`charts/${chart.id}.vl.json`, `${canonicalJson(chartSpec(chart, WIDE), 2)}\n`);
  }
  return files;
}

/**
 * Writes a report into a folder: index.html, report.md, results.json, document.json and the charts. Each file is written beside its
 * place and then renamed into it. Returns the path of the page.
 */
export async function writeReport(input: ReportInput, folder: string): Promise<string> {
  for (const [name, content] of await renderReport(input, join(packageRoot(), 'templates'))) {
    writeWhole(join(folder, name), content);
  }
  return join(folder, 'index.html');
}
