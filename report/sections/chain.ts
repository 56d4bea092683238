import type { ChainChart } from '../../contracts/report-charts.js';
import type { ReportTable } from '../../contracts/report-table.js';
import type { RunResult, RunStation } from '../../contracts/run.js';
import { countOf, formatQuantity } from '../format.js';
import { whyAbsent } from '../run-index.js';
import { absentCell, columns, plainTable, textCell } from '../table.js';
import type { AlternativeRuns } from './metrics.js';

type Panel = ChainChart['panels'][number];
type Station = Panel['stations'][number];
type Passage = Station['passages'][number];

/** The run with the platform's own costs, where it has a way to show. */
function firstRun({ runs }: AlternativeRuns): RunResult | undefined {
  return runs.find(({ draw, chain }) => draw === 0 && chain !== undefined);
}

const bytesOf = (count: number): string => formatQuantity(Math.round(count), 'B');

/** What becomes of a page from a station to the next one: first what the one that has it does, then the one that gets it. */
function passagesOf(giver: RunStation, taker: RunStation | undefined, arrives: boolean): readonly Passage[] {
  if (taker === undefined) return [];
  const { refusedBy, copiedOn, handedOn } = giver;
  return [
    ...(refusedBy === null ? [] : [{ kind: 'refused' as const, text: `refused: ${refusedBy}` }]),
    ...(copiedOn > 0 ? [{ kind: 'copied' as const, text: `copied, ${bytesOf(copiedOn)}` }] : []),
    ...(handedOn > 0 ? [{ kind: 'handed on' as const, text: 'granted on as it was' }] : []),
    ...(taker.mapped > 0 ? [{ kind: 'mapped' as const, text: 'mapped' }] : []),
    ...(taker.copiedIn > 0 ? [{ kind: 'copied' as const, text: `copied, ${bytesOf(taker.copiedIn)}` }] : []),
    ...(taker.model === null && arrives ? [{ kind: 'read by DMA' as const, text: 'read by DMA' }] : []),
  ];
}

function panelOf(all: AlternativeRuns, nameOf: (model: string) => string): Panel {
  const chain = firstRun(all)?.chain;
  const title = all.alternative.short;
  if (chain === undefined) {
    const { text, note } = whyAbsent(all.runs);
    return { title, note: '', absent: note ? `${text}, ${note}` : text, stations: [] };
  }
  const arrives = chain.every(({ refusedBy, copiedOn }) => refusedBy === null || copiedOn > 0);
  const stations = chain.map((station, at) => ({
    label: station.model === null ? station.name : `${station.name} · ${nameOf(station.model)}`,
    passages: passagesOf(station, chain[at + 1], arrives),
  }));
  const copies = stations.flatMap(({ passages }) => passages.filter(({ kind }) => kind === 'copied'));
  const bytes = chain.reduce((sum, { copiedIn, copiedOn }) => sum + copiedIn + copiedOn, 0);
  const copied =
    copies.length === 0 ? 'no copy' : `${countOf(copies.length, 'copy', 'copies')}, ${bytesOf(bytes)} a packet`;
  return { title, note: arrives ? copied : 'no packet arrives', absent: '', stations };
}

/** The figures: a row a step of the way, those that end at the device at the bottom. */
function figures(id: string, workload: string, panels: readonly Panel[]): ReportTable {
  const longest = Math.max(...panels.map(({ stations }) => stations.length));
  return plainTable(
    `${id}-figures`,
    `The way of pages in “${workload}”, from where they begin to the device`,
    columns(['Step', ...panels.map(({ title }) => title)]),
    Array.from({ length: longest - 1 }, (_, row) => ({
      title: String(row + 1),
      note: '',
      cells: panels.map(({ absent, stations }) => {
        if (absent !== '') return absentCell(absent);
        const at = row - (longest - stations.length);
        if (at < 0) return absentCell('not reached');
        const [from, to] = [stations[at], stations[at + 1]];
        const what = from.passages.map(({ text }) => text).join('; ');
        return textCell(what === '' ? 'nothing goes' : what, `${from.label} to ${to.label}`);
      }),
    })),
  );
}

/** The way of pages through domains as one run of each alternative went it; null when none has one to show. */
export function chainChart(
  anchor: string,
  workload: string,
  all: readonly AlternativeRuns[],
  nameOf: (model: string) => string,
): ChainChart | null {
  if (all.every((each) => firstRun(each) === undefined)) return null;
  const panels = all.map((each) => panelOf(each, nameOf));
  const id = `${anchor}-chain`;
  const told = panels.map(({ title, absent, note, stations }) => {
    const steps = stations.slice(0, -1).map(({ label, passages }, at) => {
      const what = passages.map(({ text }) => text).join(', ');
      return `${label} to ${stations[at + 1].label}: ${what === '' ? 'nothing goes' : what}`;
    });
    return absent === '' ? `${title}: ${note}. ${steps.join('; ')}` : `${title}: ${absent}`;
  });
  return {
    kind: 'chain',
    id,
    title: 'The way of a page',
    context: workload,
    description:
      'From where a packet begins, at the top, to the device, under each alternative, as the run recorded it. A full circle is a copy, with ' +
      'its bytes a packet; a hollow one a page that is mapped; a cross what the hypervisor refused, with its rule; a triangle a grant that ' +
      'is passed on; a diamond what the device reads. Nothing goes along a broken line.',
    summary: `${told.join('. ')}.`,
    panels,
    table: figures(id, workload, panels),
  };
}
