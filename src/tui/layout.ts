/** How the rows of the screen are dealt out. Pure arithmetic that both drawing and paging go by. */
import type { Size } from './paint.ts';
import type { ViewModel } from './view-model.ts';

export type Layout = {
  /** Rows of each part, without its heading. Those that are not on the screen have none. */
  readonly plots: number;
  readonly nodes: number;
  readonly jobs: number;
  readonly tasks: number;
  readonly log: number;
  /** Whether there is room for empty rows between the parts. */
  readonly isAiry: boolean;
};

const NOTHING: Layout = { plots: 0, nodes: 0, jobs: 0, tasks: 0, log: 0, isAiry: false };

/** Title, settings and the row of hints. */
const FRAME_ROWS = 3;

/** Above the tasks: name, about, command line, progress; then the list's heading. */
const JOB_HEADER_ROWS = 4;
const LOG_HEADER_ROWS = 2;

const AIRY_FROM = 36;
const TALL_PLOTS_FROM = 36;
const PLOTS_FROM = 18;

export const layOut = ({ body }: ViewModel, { rows }: Size): Layout => {
  const isAiry = rows >= AIRY_FROM;
  const space = Math.max(0, rows - FRAME_ROWS - (isAiry ? 1 : 0));
  switch (body.type) {
    case 'overview':
      return overview(space, rows, isAiry, body.nodes.items.length, body.jobs.items.length);
    case 'job':
      return { ...NOTHING, isAiry, tasks: Math.max(0, space - JOB_HEADER_ROWS - 1 - (isAiry ? 1 : 0)) };
    case 'log':
      return { ...NOTHING, isAiry, log: Math.max(0, space - LOG_HEADER_ROWS) };
    case 'empty':
      return { ...NOTHING, isAiry };
  }
};

const plotRows = (rows: number): number => {
  if (rows >= TALL_PLOTS_FROM) return 4;
  return rows >= PLOTS_FROM ? 2 : 0;
};

const overview = (space: number, rows: number, isAiry: boolean, nodeCount: number, jobCount: number): Layout => {
  const plots = plotRows(rows);
  const headings = 2 + (plots > 0 ? 1 : 0) + (isAiry ? 2 : 0);
  const lists = Math.max(0, space - plots - headings);
  const nodes = share(lists, Math.max(1, nodeCount), Math.max(1, jobCount));
  return { ...NOTHING, isAiry, plots, nodes, jobs: lists - nodes };
};

/** What the nodes get: all they need where the jobs leave it, and two fifths where both want more than there is. */
const share = (space: number, nodes: number, jobs: number): number => {
  if (nodes + jobs <= space) return nodes;
  return Math.min(nodes, Math.max(Math.floor(space * 0.4), space - jobs));
};
