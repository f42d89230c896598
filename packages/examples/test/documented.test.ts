import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import ts from "typescript"
import { gaps } from "./documented.js"
import { root } from "./snippets.js"

const modules = ["packages/core/src", "packages/http/src"].flatMap((directory) =>
  readdirSync(join(root, directory)).filter((name) => name.endsWith(".ts")).map((name) => `${directory}/${name}`)
)

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  noLib: true,
  // The check needs no types of other modules, and reading them is slow.
  noResolve: true
}

const ofModule = (file: string): ReadonlyArray<string> => {
  const program = ts.createProgram([file], options)
  const source = program.getSourceFile(file)
  return source === undefined ? ["no such file"] : gaps(program.getTypeChecker(), source)
}

const ofText = (text: string): ReadonlyArray<string> => {
  const source = ts.createSourceFile("/example.ts", text, ts.ScriptTarget.ES2022, true)
  const program = ts.createProgram(["/example.ts"], options, {
    ...ts.createCompilerHost(options),
    fileExists: (name) => name === "/example.ts",
    getSourceFile: (name) => name === "/example.ts" ? source : undefined
  })
  return gaps(program.getTypeChecker(), source)
}

describe("the documentation", () => {
  it.each(modules)("of %s is complete", (module) => {
    assert.deepStrictEqual(ofModule(join(root, module)), [])
  })

  it.each(modules.filter((module) => !module.endsWith("/index.ts")))("of the package names %s", (module) => {
    const readme = readFileSync(join(root, dirname(module), "../README.md"), "utf8")
    assert.include(readme, `\`${basename(module, ".ts")}\``)
  })

  it("is incomplete if a part is missing", () => {
    assert.deepStrictEqual(
      ofText(`
        export const bare = 1
        /** @since 0.1.0 @category models */
        export interface Silent { readonly a: string }
        /** Text. */
        export class Fields extends Schema.Class<Fields>("Fields")({ a: Schema.String }) {
          get b() { return 1 }
        }
        export declare namespace Fields {
          /**
           * Text.
           * @since 0.1.0
           */
          export interface Nested {}
        }
      `),
      [
        "the module: no @since",
        "bare: no text",
        "bare: no @category",
        "bare: no @since",
        "Silent: no text",
        "Silent.a: no text",
        "Fields: no @category",
        "Fields: no @since",
        "Fields.b: no @since",
        "Fields.b: no text",
        "Fields.a: no text",
        "Fields: no @since",
        "Fields.Nested: no @category"
      ]
    )
  })
})
