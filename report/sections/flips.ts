import type { FlipAnalysis, FlipAxis, FlipCrossing, FlipSearch } from '../../contracts/flip.js';
import type { LeadChart } from '../../contracts/report-charts.js';
import type { ReportDocument } from '../../contracts/document.js';
import type { ReportTable } from '../../contracts/report-table.js';
import { leadOf } from '../../decision/index.js';
import { countOf, formatNumber, formatQuantity, listOf, nameInSentence } from '../format.js';
import type { Names, ReportInput } from '../names.js';
import { absentCell, columns, figureCell, groupRows, textCell } from '../table.js';

/** How much finer the next search is that the page proposes. */
const FINER = 4;

function preferredText(ids: readonly string[], names: Names): string {
  if (ids.length === 0) return 'no alternative';
  return ids.length === 1 ? names.short(ids[0]) : `a tie of ${listOf(ids.map(names.short))}`;
}

function rangeText({ unit }: FlipAxis, low: number, high: number): string {
  return `${formatNumber(low)} to ${formatQuantity(high, unit)}`;
}

function crossingText(axis: FlipAxis, { low, high }: FlipCrossing): string {
  return `between ${formatNumber(low)} and ${formatQuantity(high, axis.unit)}`;
}

function sentenceOf({ axis, crossings, searched, complete }: FlipSearch, names: Names): string {
  const what = `${axis.title} in “${nameInSentence(names.workload(axis.workload))}” (${formatQuantity(axis.nominal, axis.unit)} in the study)`;
  if (searched === null) return `${what}: no value could be run.`;
  const range = rangeText(axis, searched.low, searched.high);
  const rest = complete ? '' : ' The budget of runs ended before the search did.';
  if (crossings.length === 0) return `${what}: no change from ${range}.${rest}`;
  const changes = crossings.map(
    (each) =>
      `${crossingText(axis, each)}, from ${preferredText(each.before, names)} to ${preferredText(each.after, names)}`,
  );
  return `${what}: the preferred alternative changes ${changes.join('; then ')}.${rest}`;
}

function leadChart({ searches, nominal }: FlipAnalysis, names: Names): LeadChart | null {
  const [favourite] = nominal.preferred;
  if (favourite === undefined || searches.length === 0) return null;
  const short = names.short(favourite);
  return {
    kind: 'leads',
    levels: [0],
    id: 'flip-leads',
    title: `Lead of ${short} over its best rival`,
    context: '',
    description:
      `Points of the score, 0 to 100, by which ${short} is ahead of the best other alternative that passes every gate; below the dashed line ` +
      'another is preferred. One parameter is varied at a time; the diamond is the value of the study, and a shaded band is an interval in which the preference changes.',
    summary: searches.map((search) => sentenceOf(search, names)).join(' '),
    panels: searches.map(({ axis, points, crossings }) => ({
      title: axis.title,
      note: names.workload(axis.workload),
      unit: axis.unit,
      scale: axis.scale,
      low: axis.low,
      high: axis.high,
      nominal: points.some(({ at }) => at === axis.nominal) ? axis.nominal : null,
      points: points.flatMap((point) =>
        point.failure === null ? [{ at: point.at, lead: leadOf(point, favourite) * 100 }] : [],
      ),
      crossings: crossings.map(({ low, high }) => ({ low, high })),
    })),
    table: {
      id: 'flip-leads-figures',
      caption: `Scores, 0 to 100, at every value that was run`,
      columns: columns(
        ['Value', ...Object.keys(nominal.scores).map(names.short), 'Preferred'],
        Object.keys(nominal.scores).map(names.short),
      ),
      groups: searches.map(({ axis, points }) => ({
        title: `${axis.title}, ${names.workload(axis.workload)}`,
        rows: points.map((point) => ({
          title: formatQuantity(point.at, axis.unit),
          note: point.at === axis.nominal ? 'the study’s value' : '',
          cells: [
            ...Object.keys(nominal.scores).map((id) =>
              point.failure === null ? figureCell(formatNumber(point.scores[id] * 100), '') : absentCell('failed'),
            ),
            point.failure === null
              ? textCell(preferredText(point.preferred, names))
              : absentCell('none', point.failure),
          ],
        })),
      })),
    },
  };
}

function searchTable({ searches }: FlipAnalysis, names: Names): ReportTable {
  return {
    id: 'flip-points',
    caption: 'Where the preferred alternative changes',
    columns: columns(['Parameter', 'In the study', 'Searched', 'Changes', 'Runs'], ['In the study', 'Runs']),
    groups: groupRows(
      searches.map(({ axis, crossings, searched, runs, complete }) => ({
        group: names.workload(axis.workload),
        row: {
          title: axis.title,
          note: '',
          cells: [
            figureCell(formatQuantity(axis.nominal, axis.unit), ''),
            searched === null
              ? absentCell('nothing', 'every run failed')
              : textCell(rangeText(axis, searched.low, searched.high), complete ? '' : 'not to the end'),
            crossings.length === 0
              ? absentCell('no change')
              : textCell(
                  crossings.map((each) => crossingText(axis, each)).join('; '),
                  crossings
                    .map(({ before, after }) => `${preferredText(before, names)} → ${preferredText(after, names)}`)
                    .join('; '),
                ),
            figureCell(formatNumber(runs), ''),
          ],
        },
      })),
    ),
  };
}

function screeningTable({ screened }: FlipAnalysis, names: Names): ReportTable | null {
  if (screened.length === 0) return null;
  return {
    id: 'flip-screening',
    caption:
      'The screening: the lead of the preferred alternative at the ends and in the middle of each range, in points',
    columns: columns(['Parameter', 'Range', 'Least lead', 'Effect', 'Searched'], ['Least lead', 'Effect']),
    groups: groupRows(
      screened.map(({ axis, leastLead, effect, chosen }) => ({
        group: names.workload(axis.workload),
        row: {
          title: axis.title,
          note: '',
          cells: [
            textCell(rangeText(axis, axis.low, axis.high)),
            figureCell(formatNumber(leastLead * 100), ''),
            figureCell(effect > 1e-12 ? formatNumber(effect * 100) : '0', ''),
            textCell(chosen ? 'yes' : 'no'),
          ],
        },
      })),
    ),
  };
}

/** What to run to know more, with what it costs. */
function nextOf({ searches, resolution, budget, unscreened, command, nominal }: FlipAnalysis) {
  const changing = searches.flatMap(({ crossings }) => crossings).length;
  const stopped = unscreened.length > 0 || searches.some(({ complete }) => !complete);
  if (stopped)
    return {
      sentence:
        'The budget ended before the search did. The same search with twice the budget makes only the runs that are missing:',
      command: command.replace(/--budget \d+/u, `--budget ${budget * 2}`),
    };
  if (changing === 0) return null;
  const runs = changing * Math.log2(FINER) * Object.keys(nominal.scores).length;
  return {
    sentence: `Intervals a quarter as wide take some ${countOf(runs, 'more run')}:`,
    command: command
      .replace(/--budget \d+/u, `--budget ${budget + runs}`)
      .replace(/--resolution \S+/u, `--resolution ${resolution / FINER}`),
  };
}

/** Where the answer changes in a workload's own units, or the command that would find out. */
export function flipSection({ flips, manifest }: ReportInput, names: Names): ReportDocument['flips'] {
  if (flips === undefined)
    return {
      introduction:
        'Nobody has searched yet for values of a workload’s parameters at which another alternative would be preferred.',
      points: [],
      charts: [],
      tables: [],
      next: {
        sentence: 'This command does, with 400 runs at most:',
        command: manifest.command.replace(' run', ' flip'),
      },
    };
  const { searches, screened, unscreened, nominal } = flips;
  const chart = leadChart(flips, names);
  const screening = screeningTable(flips, names);
  const moved = screened.filter(({ chosen }) => chosen).length;
  return {
    introduction:
      `At the study’s own values ${nameInSentence(preferredText(nominal.preferred, names))} is preferred, by the nominal score with the weights of ` +
      `${nameInSentence(names.profile(flips.profile))}. ` +
      (screening === null
        ? `The parameters that were named were varied one at a time, in ${countOf(flips.runs, 'run')}.`
        : `Of ${countOf(screened.length, 'parameter')}, each looked at alone, ${moved === 0 ? 'none moves its lead' : `${moved} ${moved === 1 ? 'was' : 'were'} searched`}, in ${countOf(flips.runs, 'run')}.`) +
      (unscreened.length === 0 ? '' : ` The budget did not reach ${listOf(unscreened)}.`),
    points: searches.map((search) => sentenceOf(search, names)),
    charts: chart === null ? [] : [chart],
    tables: [...(searches.length === 0 ? [] : [searchTable(flips, names)]), ...(screening === null ? [] : [screening])],
    next: nextOf(flips),
  };
}
