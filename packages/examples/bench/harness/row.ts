/**
 * The settings that all rows of the table share.
 */
export interface Bench {
  /** The number of rounds. */
  readonly rounds: number
  /** Whether every row does less work. */
  readonly quick: boolean
  /** The URL of an API with this latency in milliseconds and this many rows. */
  readonly apiUrl: (latency: number, rows: number) => string
}

/**
 * One line of the table: two figures and their ratio, or one figure.
 */
export interface Row {
  readonly work: string
  readonly ours: number
  /** The figure to compare with; absent for an absolute figure. */
  readonly peer: number | undefined
  readonly unit: string
  readonly value: number
  /** The minimum and the maximum of the value over the rounds. */
  readonly range?: readonly [number, number] | undefined
  /** Absent if the row is for orientation only. */
  readonly target?: { readonly bound: "at most" | "at least"; readonly value: number } | undefined
}

export const isMet = ({ target, value }: Row): boolean | undefined =>
  target === undefined ? undefined : target.bound === "at most" ? value <= target.value : value >= target.value

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2
}

/**
 * Measures every contestant once a round, in alternating order, so that slow phases of the machine affect all of them.
 */
export const interleave = async <Name extends string, A>(
  rounds: number,
  names: ReadonlyArray<Name>,
  measure: (name: Name) => Promise<A>
): Promise<(name: Name, figure: (a: A) => number) => ReadonlyArray<number>> => {
  const measured = new Map<Name, Array<A>>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      measured.get(name)?.push(await measure(name))
    }
  }
  return (name, figure) => (measured.get(name) ?? []).map(figure)
}

/**
 * Compares two contestants by the ratio of their medians.
 */
export const compare = (
  work: string,
  unit: string,
  ours: ReadonlyArray<number>,
  peer: ReadonlyArray<number>,
  target?: Row["target"]
): Row => {
  const ratios = ours.map((value, round) => value / (peer[round] ?? NaN))
  return {
    work,
    unit,
    ours: median(ours),
    peer: median(peer),
    value: median(ours) / median(peer),
    range: [Math.min(...ratios), Math.max(...ratios)],
    target
  }
}

export const atMost = (value: number): Row["target"] => ({ bound: "at most", value })

export const atLeast = (value: number): Row["target"] => ({ bound: "at least", value })

/**
 * One figure, compared with a limit unless it is for orientation only.
 */
export const absolute = (work: string, unit: string, values: ReadonlyArray<number>, limit?: number): Row => ({
  work,
  unit,
  ours: median(values),
  peer: undefined,
  value: median(values),
  range: [Math.min(...values), Math.max(...values)],
  target: limit === undefined ? undefined : atMost(limit)
})
