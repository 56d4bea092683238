import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { ReportChart } from '../../contracts/report-charts.js';
import { chartSpec } from '../../report/charts/chart-spec.js';
import { renderSvg } from '../../report/charts/render-svg.js';

/**
 * The picture of a chart is what it was, with words for who does not see it. To accept a change on purpose: PHYSMAP_UPDATE_GOLDEN=1 npx
 * vitest run test/report, then look at the pictures.
 */
export const expectPicture = async (name: string, chart: ReportChart, width: number): Promise<void> => {
  const path = join(import.meta.dirname, 'golden', 'charts', `${name}.svg`);
  const { html } = await renderSvg(chartSpec(chart, width), name, chart);
  if (process.env['PHYSMAP_UPDATE_GOLDEN']) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${html}\n`);
  }
  expect(`${html}\n`).toBe(readFileSync(path, 'utf8'));
  expect(html).toContain(`<desc id="${name}-description">${chart.description.slice(0, 20)}`);
};
