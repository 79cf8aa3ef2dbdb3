/** An entry of a DAG; all that have it among their deps come before it. */
export interface GraphNode {
  readonly id: string;
  readonly deps: readonly string[];
  /** What stands for it: one character. */
  readonly mark: string;
  /** Whose it is: a number for a colour, which the lines that begin at it have too. */
  readonly colour: number;
}

/** Some characters of a row, and the colour that they have. */
export interface GraphPiece {
  readonly text: string;
  readonly colour: number | undefined;
}

/** A line that goes down, from some entry to one that comes later. */
interface Lane {
  readonly to: string;
  readonly colour: number;
}

/** How a row's entry meets a column beside its own. */
interface Meeting {
  /** The lane from above goes to the entry. */
  fromAbove: boolean;
  /** A lane goes down from it. */
  goesDown: boolean;
  readonly colour: number;
}

/**
 * Draws a DAG as text, newest entry first, a row for each. Every column has one lane; an entry takes the leftmost of those
 * that lead to it and goes on to its first dep in the same column. Lines that cross do not touch: the vertical one is whole. What does
 * not fit into `columnsMax` columns shares the last one, which is dotted.
 *
 *     *─╮     sees both
 *     │ o     from above to below
 *     o │     passes the other by
 *     o─╯     what both follow
 */
export class Graph {
  /** The column that lanes share for which there is no other. */
  readonly #folded: number;
  readonly #lanes: (Lane | undefined)[] = [];
  #foldedLanes: Lane[] = [];
  /** Where the entry above was, if no line leads down from it: an entry right below would seem to follow it. */
  #endedAt: number | undefined;

  constructor(columnsMax: number) {
    this.#folded = columnsMax - 1;
  }

  /** The row of the next entry. */
  row(node: GraphNode): readonly GraphPiece[] {
    const before = this.#columns();
    const column = this.#columnFor(node.id);
    const meetings = new Map<number, Meeting>();
    const meet = (at: number, how: 'fromAbove' | 'goesDown', colour: number) => {
      const meeting = meetings.get(at) ?? { fromAbove: false, goesDown: false, colour };
      meeting[how] = true;
      meetings.set(at, meeting);
    };
    for (const { at, lane } of this.#take(node.id)) meet(at, 'fromAbove', lane.colour);
    const taken = new Set(meetings.keys());
    let goesOn = false;
    for (const dep of new Set(node.deps)) {
      const known = this.#leadingTo(dep);
      const at: number = known ?? this.#begin({ to: dep, colour: node.colour }, column, goesOn, taken);
      goesOn ||= at === column;
      meet(at, 'goesDown', node.colour);
      if (known !== undefined) meet(at, 'fromAbove', node.colour);
    }
    meetings.delete(column);
    this.#endedAt = goesOn ? undefined : column;
    return pieces({ node, column, meetings, before, after: this.#columns(), folded: this.#folded });
  }

  /** Per column, the colour of the lane that goes through it. */
  #columns(): readonly (number | undefined)[] {
    const columns: (number | undefined)[] = this.#lanes.map((lane) => lane?.colour);
    const [folded] = this.#foldedLanes;
    if (folded) columns[this.#folded] = folded.colour;
    return columns;
  }

  #columnFor(id: string): number {
    return this.#leadingTo(id) ?? this.#freeColumn(0, new Set([this.#endedAt])) ?? this.#folded;
  }

  /** The leftmost column with a lane to that entry. */
  #leadingTo(id: string): number | undefined {
    const column = this.#lanes.findIndex((lane) => lane?.to === id);
    if (column !== -1) return column;
    return this.#foldedLanes.some((lane) => lane.to === id) ? this.#folded : undefined;
  }

  /** Ends all lanes to that entry. */
  #take(id: string): readonly { readonly at: number; readonly lane: Lane }[] {
    const taken: { at: number; lane: Lane }[] = [];
    for (const [at, lane] of this.#lanes.entries()) {
      if (lane?.to !== id) continue;
      taken.push({ at, lane });
      this.#lanes[at] = undefined;
    }
    for (const lane of this.#foldedLanes) if (lane.to === id) taken.push({ at: this.#folded, lane });
    this.#foldedLanes = this.#foldedLanes.filter((lane) => lane.to !== id);
    return taken;
  }

  /**
   * Begins a lane: in the entry's own column if none did, else in a free one, but none that a lane has just left, where the
   * two would look like one.
   */
  #begin(lane: Lane, own: number, goesOn: boolean, left: ReadonlySet<number>): number {
    const isOwnFree = !goesOn && own !== this.#folded;
    const free = isOwnFree ? own : (this.#freeColumn(own, left) ?? this.#freeColumn(0, left));
    if (free === undefined) this.#foldedLanes.push(lane);
    else this.#lanes[free] = lane;
    return free ?? this.#folded;
  }

  #freeColumn(from: number, except: ReadonlySet<number | undefined>): number | undefined {
    for (let column = from; column < this.#folded; column++)
      if (this.#lanes[column] === undefined && !except.has(column)) return column;
    return undefined;
  }
}

interface Row {
  readonly node: GraphNode;
  readonly column: number;
  readonly meetings: ReadonlyMap<number, Meeting>;
  readonly before: readonly (number | undefined)[];
  readonly after: readonly (number | undefined)[];
  readonly folded: number;
}

function pieces(row: Row): readonly GraphPiece[] {
  const { node, column, meetings, before, after } = row;
  const from = Math.min(column, ...meetings.keys());
  const to = Math.max(column, ...meetings.keys());
  const drawn: GraphPiece[] = [];
  for (let at = 0; at < Math.max(before.length, after.length, to + 1); at++) {
    drawn.push(at === column ? { text: node.mark, colour: node.colour } : cell(row, at, from, to));
    drawn.push(at >= from && at < to ? { text: '─', colour: node.colour } : { text: ' ', colour: undefined });
  }
  while (drawn.at(-1)?.text === ' ') drawn.pop();
  return drawn;
}

function cell(
  { node, meetings, before, after, folded }: Row,
  at: number,
  from: number,
  to: number,
): GraphPiece {
  const meeting = meetings.get(at);
  const passing = before[at];
  if (!meeting) {
    if (passing !== undefined) return { text: at === folded ? '┊' : '│', colour: passing };
    const isCrossed = at > from && at < to;
    return isCrossed ? { text: '─', colour: node.colour } : { text: ' ', colour: undefined };
  }
  // In the shared column others may go on.
  const isShared = at === folded;
  const up = isShared ? passing !== undefined : meeting.fromAbove;
  const down = isShared ? after[at] !== undefined : meeting.goesDown;
  return { text: corner(up, down, at > from, at < to), colour: meeting.colour };
}

/** The character with arms in these directions. */
function corner(up: boolean, down: boolean, left: boolean, right: boolean): string {
  const arms = (up ? 8 : 0) + (down ? 4 : 0) + (left ? 2 : 0) + (right ? 1 : 0);
  return corners[arms] ?? ' ';
}

/** By up, down, left and right as binary digits. Those that a row cannot have are blank. */
const corners = ['', '', '', '─', '', '╭', '╮', '┬', '', '╰', '╯', '┴', '│', '├', '┤', '┼'];
