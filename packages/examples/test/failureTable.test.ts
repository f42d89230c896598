import { assert, describe, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { read, root } from "./snippets.js"

const files = ["packages/core/test", "packages/http/test"].flatMap((directory) =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${directory}/${name}`)
)

const pattern = (fixed: ReadonlyArray<string>): RegExp =>
  new RegExp(`^${fixed.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".+")}$`)

/**
 * The patterns of all names that a file may give to its tests: the first argument of each call, if it is a string. A
 * substitution in a template matches any text. A template with fewer than 12 other characters would match too many names.
 */
const namesOf = (text: string): ReadonlyArray<RegExp> => {
  const patterns: Array<RegExp> = []
  const visit = (node: ts.Node): void => {
    const name = ts.isCallExpression(node) ? node.arguments[0] : undefined
    if (name !== undefined && ts.isStringLiteralLike(name)) patterns.push(pattern([name.text]))
    if (name !== undefined && ts.isTemplateExpression(name)) {
      const fixed = [name.head.text, ...name.templateSpans.map(({ literal }) => literal.text)]
      if (fixed.join("").length >= 12) patterns.push(pattern(fixed))
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile("test.ts", text, ts.ScriptTarget.ES2022))
  return patterns
}

/** The last cell of each row of the table, without its backticks. */
const quotedNames = (table: string): ReadonlyArray<string> =>
  Array.from(table.matchAll(/^\|.*\| (.*) \|$/gm), ([, cell = ""]) => cell.replace(/^`(.*)`$/, "$1")).slice(1)

const missing = (table: string, patterns: ReadonlyArray<RegExp>): ReadonlyArray<string> =>
  quotedNames(table).filter((name) => !patterns.some((pattern) => pattern.test(name)))

describe("a table of promises", () => {
  it.each([
    ["packages/http/README.md", "What happens when …", 20],
    ["SECURITY.md", "What we promise, and the test that shows it", 15]
  ])("in %s names tests that exist", (file, heading, least) => {
    const [, section = ""] = read(file).split(`\n## ${heading}\n`)
    const [table = ""] = section.split("\n## ")
    assert.isAbove(quotedNames(table).length, least)
    assert.deepStrictEqual(missing(table, files.flatMap((file) => namesOf(read(file)))), [])
  })

  it("is wrong if it names a test that does not exist", () => {
    const patterns = namesOf(
      "it(`${operation} is retried: ${fault}`, test)\nrun(\"reaches every row\", test)\nit(`${name}`)"
    )
    const table = [
      "| event | what the client does | test |",
      "|---|---|---|",
      "| a | b | `create is retried: reset` |",
      "| a | b | `reaches every row` |",
      "| a | b | `reaches each row` |",
      "| a | b |  |"
    ].join("\n")
    assert.deepStrictEqual(missing(table, patterns), ["reaches each row", ""])
  })
})
