import type { AnalysisSection, ReportDocument } from '../contracts/document.js';
import type { ReportChart } from '../contracts/report-charts.js';
import { chartSpec } from './charts/chart-spec.js';
import { renderSvg } from './charts/render-svg.js';
import { NARROW, WIDE } from './charts/style.js';
import type { TrustedHtml } from './trusted-html.js';

/** A chart drawn for a page and for a narrow screen. */
export interface DrawnChart {
  readonly wide: TrustedHtml;
  readonly narrow: TrustedHtml;
}

/** Every chart of the document, in the order of the page. */
export function chartsOf(document: ReportDocument): readonly ReportChart[] {
  return [
    ...document.standing.charts,
    ...document.across,
    ...document.workloads.flatMap((workload) => workload.charts),
    ...document.sweeps.flatMap((sweep) => sweep.charts),
    ...chartsIn(document.sensitivity),
    ...document.flips.charts,
    ...chartsIn(document.information),
    ...chartsIn(document.depth),
  ];
}

function chartsIn({ passages, others }: AnalysisSection): readonly ReportChart[] {
  return [...passages, ...others.flatMap((each) => each.passages)].flatMap(({ charts }) => charts);
}

/** Draws every chart of the document, by id. */
export async function drawCharts(document: ReportDocument): Promise<ReadonlyMap<string, DrawnChart>> {
  const drawn = new Map<string, DrawnChart>();
  for (const chart of chartsOf(document)) {
    const draw = (width: number, suffix: string): Promise<TrustedHtml> =>
      renderSvg(chartSpec(chart, width), `${chart.id}-${suffix}`, chart);
    drawn.set(chart.id, { wide: await draw(WIDE, 'wide'), narrow: await draw(NARROW, 'narrow') });
  }
  return drawn;
}
