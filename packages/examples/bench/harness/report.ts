import { readFile, writeFile } from "node:fs/promises"
import type { Row } from "./row.js"
import { isMet } from "./row.js"

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)

// An absolute figure has a unit; a ratio has none.
const ratioOf = ({ ours, peer, unit, value }: Row): string =>
  peer !== undefined && value === ours / peer ? value.toFixed(2) : `${digits(value)} ${unit}`

const targetOf = ({ target }: Row): string =>
  target === undefined ? "" : `${target.bound === "at most" ? "≤" : "≥"} ${target.value}`

const verdictOf = (row: Row): string => {
  const met = isMet(row)
  return met === undefined ? "" : met ? "met" : "not met"
}

const cells = (row: Row): ReadonlyArray<string> => [
  row.work,
  `${digits(row.ours)} ${row.unit}`,
  row.peer === undefined ? "" : `${digits(row.peer)} ${row.unit}`,
  ratioOf(row),
  row.range === undefined ? "" : row.range.map((value) => value.toFixed(2)).join(" to "),
  targetOf(row),
  verdictOf(row)
]

const titles = ["work", "measured", "against", "ratio", "of the rounds", "target", ""]
const widths = [56, 17, 17, 10, 14, 7, 8]

const format = (values: ReadonlyArray<string>): string =>
  `| ${values.map((value, index) => value.padEnd(widths[index] ?? 0)).join(" | ")} |`

/** The head of the table, in Markdown. */
export const heading = `${format(titles)}\n| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`

export const line = (row: Row): string => format(cells(row))

const [begin, end] = ["<!-- results -->", "<!-- end of results -->"]

/** Replaces the results in the README of the bench. */
export const writeReadme = async (lines: ReadonlyArray<string>): Promise<void> => {
  const file = new URL("../README.md", import.meta.url)
  const text = await readFile(file, "utf8")
  const [before = "", rest = ""] = text.split(begin)
  const [, after = ""] = rest.split(end)
  await writeFile(file, `${before}${begin}\n\n${lines.join("\n")}\n\n${end}${after}`)
}
