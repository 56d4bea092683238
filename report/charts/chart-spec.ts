import type { TopLevelSpec } from 'vega-lite';
import type { ReportChart } from '../../contracts/report-charts.js';
import { chainSpec } from './chain.js';
import { curvesSpec } from './curves.js';
import { frameMapSpec } from './frame-map.js';
import { intervalsSpec } from './intervals.js';
import { leadsSpec } from './leads.js';
import { mapSpec } from './map.js';
import { pairsSpec } from './pairs.js';
import { partsSpec } from './parts.js';
import { ranksSpec } from './ranks.js';
import { seriesSpec } from './series.js';
import { stackSpec } from './stack.js';
import { timeLineSpec } from './time-line.js';
import { tornadoSpec } from './tornado.js';
import { waterfallSpec } from './waterfall.js';

/** The Vega-Lite specification of a chart, for a width in pixels. */
export function chartSpec(chart: ReportChart, width: number): TopLevelSpec {
  switch (chart.kind) {
    case 'series':
      return seriesSpec(chart, width);
    case 'intervals':
      return intervalsSpec(chart, width);
    case 'waterfall':
      return waterfallSpec(chart, width);
    case 'parts':
      return partsSpec(chart, width);
    case 'stack':
      return stackSpec(chart, width);
    case 'pairs':
      return pairsSpec(chart, width);
    case 'chain':
      return chainSpec(chart, width);
    case 'frame map':
      return frameMapSpec(chart, width);
    case 'leads':
      return leadsSpec(chart, width);
    case 'time line':
      return timeLineSpec(chart, width);
    case 'map':
      return mapSpec(chart, width);
    case 'curves':
      return curvesSpec(chart, width);
    case 'tornado':
      return tornadoSpec(chart, width);
    default:
      return ranksSpec(chart, width);
  }
}
