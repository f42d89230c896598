/**
 * What the rows of the table share.
 */
export interface Bench {
  /** How often everything is measured. */
  readonly rounds: number
  /** Whether less is done of everything, for a first look. */
  readonly quick: boolean
  /** The URL of an API that takes so many milliseconds to answer and has so many rows. */
  readonly apiUrl: (latency: number, rows: number) => string
}

/**
 * One line of the table: two figures and their ratio, or a figure by itself.
 */
export interface Row {
  readonly work: string
  readonly ours: number
  /** What it is compared with; none where the figure itself is what counts. */
  readonly peer: number | undefined
  readonly unit: string
  readonly value: number
  /** The least and the most that the value came to in one round. */
  readonly range?: readonly [number, number] | undefined
  /** None if the row is there for orientation. */
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
 * Measures everybody once a round, in alternating order, so that a slow spell of the machine strikes all of them.
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
