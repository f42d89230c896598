import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

/**
 * The root of the repository.
 */
export const root = fileURLToPath(new URL("../../..", import.meta.url))

const examples = join(root, "packages", "examples")

/**
 * A block of TypeScript in the documentation.
 */
export interface Snippet {
  /** The file that it is in, from the root. */
  readonly file: string
  /** Where its first line is in that file, beginning with 1. */
  readonly line: number
  readonly code: string
  /** The file that it must be a copy of, from the root, if the comment before it says so. */
  readonly copyOf: string | undefined
}

/**
 * The documents that have no code of their own.
 */
export const documents: ReadonlyArray<string> = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "packages/core/README.md",
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

/**
 * Every block of TypeScript in the documents and in the comments of the published packages.
 */
export const snippets: ReadonlyArray<Snippet> = [...documents, ...sources].flatMap(snippetsOf)

const compilerOptions = (): ts.CompilerOptions => {
  const config = ts.getParsedCommandLineOfConfigFile(join(examples, "tsconfig.json"), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"))
    }
  })
  const { tsBuildInfoFile: _, ...options } = config?.options ?? {}
  return {
    ...options,
    incremental: false,
    // A snippet may end with what it is about.
    noUnusedLocals: false
  }
}

/**
 * What the compiler has to say about each of these, in the same order. They are taken for files of `packages/examples`, which
 * depends on everything that a reader may have installed; none is written to the disk.
 */
export const diagnose = (
  snippets: ReadonlyArray<Pick<Snippet, "code" | "copyOf">>
): ReadonlyArray<ReadonlyArray<string>> => {
  const files = snippets.map(({ copyOf }, index) =>
    join(copyOf === undefined ? join(examples, "test") : dirname(join(root, copyOf)), `snippet-${index}.ts`)
  )
  const codes = new Map(files.map((file, index) => [file, snippets[index]?.code]))
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram(files, options, {
    ...host,
    getCurrentDirectory: () => examples,
    fileExists: (file) => codes.has(file) || host.fileExists(file),
    readFile: (file) => codes.get(file) ?? host.readFile(file),
    getSourceFile: (file, languageVersion, ...rest) => {
      const code = codes.get(file)
      return code === undefined
        ? host.getSourceFile(file, languageVersion, ...rest)
        : ts.createSourceFile(file, code, languageVersion)
    }
  })
  const message = ({ file, messageText, start }: ts.Diagnostic): string => {
    const line = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1
    return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
  }
  const everywhere = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()].map(message)
  return files.map((file) => {
    const source = program.getSourceFile(file)
    return [
      ...everywhere,
      ...[...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(message)
    ]
  })
}
