import type { AnalysisSection, Passage, ReportDocument } from '../contracts/document.js';
import type { ReportChart } from '../contracts/report-charts.js';
import type { ReportTable, TableCell } from '../contracts/report-table.js';
import { escapeMarkdown } from './escape.js';

const text = escapeMarkdown;

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${text(item)}\n`).join('');
}

function heading(level: number, title: string): string {
  return `${'#'.repeat(level)} ${text(title)}\n`;
}

/** A fence longer than any run of backticks inside. */
function fenced(content: string): string {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${content}\n${fence}\n`;
}

function cellText(cell: TableCell): string {
  return cell.note === '' ? text(cell.text) : `${text(cell.text)} (${text(cell.note)})`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function table({ caption, columns, groups }: ReportTable): string {
  const rows = groups.flatMap((group) => [
    ...(group.title === '' ? [] : [row([`**${text(group.title)}**`, ...columns.slice(1).map(() => '')])]),
    ...group.rows.map((each) =>
      row([
        each.note === '' ? text(each.title) : `${text(each.title)} (${text(each.note)})`,
        ...each.cells.map(cellText),
      ]),
    ),
  ]);
  const head = row(columns.map((column) => text(column.title)));
  const rule = row(columns.map((column) => (column.numeric ? '--:' : '---')));
  return `${text(caption)}\n\n${head}${rule}${rows.join('')}`;
}

function chart(each: ReportChart): string {
  return [
    `**${text(each.title)}**\n`,
    `![${text(each.title)}](charts/${each.id}.svg)\n`,
    `${text(`${each.description} ${each.summary}`)}\n`,
    table(each.table),
  ].join('\n');
}

function passage(each: Passage, level: number): readonly string[] {
  return [
    heading(level, each.title),
    ...each.sentences.map((sentence) => `${text(sentence)}\n`),
    ...(each.notes.length === 0 ? [] : [bullets(each.notes)]),
    ...each.charts.map(chart),
    ...each.tables.map(table),
    ...(each.fold?.tables ?? []).map(table),
  ];
}

function analysis({ introduction, passages, others }: AnalysisSection): readonly string[] {
  return [
    `${text(introduction)}\n`,
    ...passages.flatMap((each) => passage(each, 3)),
    ...others.flatMap(({ profile, passages: own }) => [
      heading(3, `With the weights of ${profile}`),
      ...own.flatMap((each) => passage(each, 4)),
    ]),
  ];
}

/** The document as Markdown. Prose by authors is kept as it is; every other value is escaped. */
export function renderMarkdown(document: ReportDocument): string {
  const { verdict, overview, standing, flips, findings, judgements, belief, method, inputs } = document;
  const verdictLine = ({ profile, strengthWord }: ReportDocument['verdict']['main'], said: string): string =>
    `**${text(profile)}**, ${text(strengthWord)}: ${text(said)}`;
  const parts: readonly string[] = [
    heading(1, document.question),
    `${text(document.title)}\n`,
    heading(2, 'Verdict'),
    `${verdictLine(verdict.main, verdict.main.sentence)}\n`,
    verdict.others.map((each) => `- ${verdictLine(each, each.brief)}\n`).join(''),
    `${text(verdict.rule)}\n`,
    heading(2, 'The alternatives, criterion by criterion'),
    table(overview.criteria),
    bullets(overview.notes),
    overview.gates ? table(overview.gates) : '',
    heading(2, 'Who is ahead, and how often'),
    `${text(standing.introduction)}\n`,
    ...standing.charts.map(chart),
    heading(2, 'Why: what was run, and what it showed'),
    ...document.across.map(chart),
    ...document.workloads.flatMap((workload) => [
      heading(3, workload.title),
      `${text(workload.description)}\n`,
      `${text(workload.use)}\n`,
      bullets(workload.parameters),
      bullets(workload.notes),
      workload.metrics ? table(workload.metrics) : 'No run stated a metric.\n',
      ...workload.charts.map(chart),
    ]),
    ...(document.sweeps.length === 0 ? [] : [heading(2, 'Over ranges of parameters')]),
    ...document.sweeps.flatMap((sweep) => [
      heading(3, sweep.title),
      `${text(sweep.introduction)}\n`,
      `${text(sweep.because)}\n`,
      bullets(sweep.parameters),
      bullets(sweep.notes),
      ...sweep.charts.map(chart),
    ]),
    heading(2, 'What would change this'),
    ...analysis(document.sensitivity),
    heading(3, 'In the units of the workloads'),
    `${text(flips.introduction)}\n`,
    bullets(flips.points),
    ...flips.charts.map(chart),
    ...flips.tables.map(table),
    ...(flips.next === null ? [] : [`${text(flips.next.sentence)}\n`, fenced(flips.next.command)]),
    heading(2, 'What to measure next'),
    ...analysis(document.information),
    heading(2, 'What was refused'),
    `${text(findings.introduction)}\n`,
    ...findings.groups.flatMap((group) => [
      `${text(group.sentence)}\n`,
      bullets([...group.details, ...(group.more ? [group.more] : [])]),
    ]),
    ...(findings.failures.length ? [heading(3, 'Runs that failed'), bullets(findings.failures)] : []),
    heading(2, 'What each alternative is'),
    ...document.alternatives.flatMap((each) => [
      `**${text(each.title)}** (${text(each.short)}${each.baseline ? ', the baseline' : ''}): ${text(each.description)}\n`,
      bullets(each.roles),
    ]),
    heading(3, 'Background'),
    `${document.background.markdown.trim()}\n`,
    heading(2, 'Judgements'),
    `${text(judgements.introduction)}\n`,
    ...judgements.tables.map(table),
    heading(2, 'Whose weights'),
    ...document.profiles.flatMap((profile) => [
      heading(3, profile.isDefault ? `${profile.title} (default)` : profile.title),
      `${text(profile.rationale)}\n`,
      ...profile.notes.map((note) => `${text(note)}\n`),
      table(profile.weights),
      profile.contributions ? table(profile.contributions) : '',
    ]),
    heading(2, 'Behind the odds'),
    ...analysis(document.depth),
    heading(2, 'How far to believe it'),
    bullets(belief.facts),
    `${belief.limits.markdown.trim()}\n`,
    heading(2, 'Method'),
    `${method.prose.markdown.trim()}\n`,
    table(method.criteria),
    heading(2, 'Every input, with its source'),
    `${text(inputs.introduction)}\n`,
    table(inputs.costs),
    inputs.settings ? table(inputs.settings) : '',
    ...inputs.traces.map(table),
    table(inputs.files),
    table(inputs.identity),
    heading(2, 'Make it again'),
    fenced(document.command),
  ];
  return parts.filter((part) => part !== '').join('\n');
}
