import type { ReportTable, TableBar, TableCell, TableColumn, TableGroup } from '../contracts/report-table.js';

/** Text that stands in a cell as it is. */
export function textCell(text: string, note = ''): TableCell {
  return { text, note, tone: 'plain', bar: null };
}

/** Words in place of a figure. */
export function absentCell(text: string, note = ''): TableCell {
  return { text, note, tone: 'absent', bar: null };
}

/** A figure with what surrounds it. */
export function figureCell(text: string, note: string, bar: TableBar | null = null): TableCell {
  return { text, note, tone: 'plain', bar };
}

/** Columns by title; the titles in `numeric` are of figures. */
export function columns(titles: readonly string[], numeric: readonly string[] = []): readonly TableColumn[] {
  return titles.map((title) => ({ title, numeric: numeric.includes(title) }));
}

/** A table whose rows are one group without a heading. */
export function plainTable(
  id: string,
  caption: string,
  heads: readonly TableColumn[],
  rows: TableGroup['rows'],
): ReportTable {
  return { id, caption, columns: heads, groups: [{ title: '', rows }] };
}

/** Rows in the order given, in groups in the order of their first row. */
export function groupRows(
  rows: readonly { readonly group: string; readonly row: TableGroup['rows'][number] }[],
): readonly TableGroup[] {
  const groups = new Map<string, TableGroup['rows'][number][]>();
  for (const { group, row } of rows) {
    const members = groups.get(group);
    if (members) members.push(row);
    else groups.set(group, [row]);
  }
  return [...groups].map(([title, members]) => ({ title, rows: members }));
}

/** Places values on a scale from `from` to `to`, as shares of it that stay inside it. */
export function barOn(
  scale: { readonly from: number; readonly to: number },
  interval: { readonly low: number; readonly mid: number; readonly high: number },
): TableBar {
  const share = (value: number): number => {
    const width = scale.to - scale.from;
    return width > 0 ? Math.min(1, Math.max(0, (value - scale.from) / width)) : 0.5;
  };
  return { low: share(interval.low), mid: share(interval.mid), high: share(interval.high) };
}
