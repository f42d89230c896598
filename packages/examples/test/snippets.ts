import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../..", import.meta.url))

const examples = join(root, "packages", "examples")

/** A block of TypeScript in the documentation. */
export interface Snippet {
  /** The path of its document, from the root. */
  readonly file: string
  /** The number of its first line in the document, from 1. */
  readonly line: number
  readonly code: string
  /** The path of the file that it copies, from the root, if a comment before it names one. */
  readonly copyOf: string | undefined
}

/** The Markdown documents of the repository. */
export const documents: ReadonlyArray<string> = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "packages/core/README.md",
  "packages/http/COMMAND.md",
  "packages/http/OPERATIONS.md",
  "packages/http/README.md",
  "packages/http/COMING-FROM-CLERK-BACKEND.md",
  "packages/examples/README.md"
]

const sources = ["packages/core/src", "packages/http/src"].flatMap((directory) =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => relative(root, join(root, directory, name)))
    .sort()
)

export const read = (file: string): string => readFileSync(join(root, file), "utf8")

const fence = /^([ \t]*(?:\* ?)?)```ts\n([^]*?)^\1```$/gm

const copyOf = /<!-- copy of (\S+) -->\n$/

const snippetsOf = (file: string): ReadonlyArray<Snippet> => {
  const text = read(file)
  return Array.from(text.matchAll(fence), ({ 1: margin = "", 2: code = "", index }) => ({
    file,
    line: text.slice(0, index).split("\n").length + 1,
    code: margin === "" ? code : code.replace(/^[ \t]*\*? ?/gm, ""),
    copyOf: copyOf.exec(text.slice(0, index))?.[1]
  }))
}

/** Every block of TypeScript in the documents and in the comments of the published packages. */
export const snippets: ReadonlyArray<Snippet> = [...documents, ...sources].flatMap(snippetsOf)

const directory = join(examples, "node_modules", ".cache", "snippets")

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc")

const fileName = (index: number): string => `snippet-${index}.ts`

/** Writes only what has changed, so that the incremental compiler reads the rest from its cache. */
const write = (snippets: ReadonlyArray<Pick<Snippet, "code">>): void => {
  mkdirSync(directory, { recursive: true })
  const files = new Map(snippets.map(({ code }, index) => [fileName(index), code]))
  for (const name of readdirSync(directory)) if (!files.has(name)) rmSync(join(directory, name))
  for (const [name, code] of files) {
    const file = join(directory, name)
    if (!existsSync(file) || readFileSync(file, "utf8") !== code) writeFileSync(file, code)
  }
}

/**
 * The errors of the compiler for each snippet, in the same order. The snippets are compiled as files of
 * `packages/examples`, which depends on every package that a reader may have installed.
 */
export const diagnose = (
  snippets: ReadonlyArray<Pick<Snippet, "code">>
): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  write(snippets)
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [compiler, "-b", "tsconfig.snippets.json", "--pretty", "false"],
      { cwd: examples },
      (_, stdout, stderr) => {
        const errors = snippets.map((): Array<string> => [])
        for (const line of stdout.split("\n")) {
          if (line === "" || line.startsWith(" ")) continue
          const [, index, at, message] = /snippet-(\d+)\.ts\((\d+),\d+\): error TS\d+: (.*)$/.exec(line) ?? []
          const own = index === undefined ? undefined : errors[Number(index)]
          if (own === undefined) {
            reject(new Error(`the compiler failed: ${stdout}${stderr}`))
            return
          }
          own.push(`line ${at ?? ""}: ${message ?? ""}`)
        }
        resolve(errors)
      }
    )
  })
}
