import { InvitationError } from "@effect-clerk/core"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Predicate } from "effect"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { diagnose, documents, read, root, snippets } from "./snippets.js"

// `tsc -b` compiles the original of a copy, and a test below compares the two.
const compiled = snippets.filter(({ copyOf }) => copyOf === undefined)
const copies = snippets.filter(({ copyOf }) => copyOf !== undefined)

const place = ({ file, line }: { readonly file: string; readonly line: number }): string => `${file}:${line}`

describe("the snippets", () => {
  it("are found", () => {
    const inDocuments = snippets.filter(({ file }) => file.endsWith(".md"))
    assert.isAtLeast(inDocuments.length, 8)
    assert.isAtLeast(snippets.length - inDocuments.length, 9)
    for (const { code } of snippets) {
      assert.match(code, /^import /)
      assert.notInclude(code, "internal/")
    }
  })

  describe("compile", () => {
    const errors = new Map<string, ReadonlyArray<string>>()

    beforeAll(async () => {
      const wrong = { code: "import { Effect } from \"effect\"\nconst text: string = Effect.succeed(1)\n" }
      const [ofWrong = [], ...rest] = await diagnose([wrong, ...compiled])
      errors.set("wrong", ofWrong)
      compiled.forEach((snippet, index) => errors.set(place(snippet), rest[index] ?? ["was not compiled"]))
    }, 120_000)

    it.each(compiled.map(place))("%s", (snippet) => {
      assert.deepStrictEqual(errors.get(snippet), [])
    })

    it("a wrong snippet does not compile", () => {
      assert.match(
        errors.get("wrong")?.join() ?? "",
        /^line 2: Type 'Effect<number, never, never>' is not assignable/
      )
    })
  })

  it.each(copies.map((snippet) => [place(snippet), snippet] as const))(
    "%s equals the file that it copies",
    (_, { code, copyOf }) => {
      assert.strictEqual(code, read(copyOf ?? "").replace(/^(?:\/\/.*\n)+/, ""))
    }
  )
})

describe("the documents", () => {
  const manifest: unknown = JSON.parse(read("package.json"))
  const scripts = Predicate.hasProperty(manifest, "scripts") && Predicate.isRecord(manifest.scripts)
    ? Object.keys(manifest.scripts)
    : []

  it.each(documents)("%s links to existing files and headings", (file) => {
    // The documents of a tarball name the files of the repository by URLs.
    const repository = "https://github.com/effect-clerk/effect-clerk/blob/main/"
    const links = Array.from(read(file).matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g))
    for (const [link, path = "", anchor] of links) {
      if (/^https?:/.test(path) && !path.startsWith(repository)) continue
      const target = path.startsWith(repository)
        ? path.slice(repository.length)
        : path === ""
        ? file
        : join(dirname(file), path)
      assert.isTrue(existsSync(join(root, target)), link)
      const headings = Array.from(read(target).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) => slug(heading))
      if (anchor !== undefined) assert.include(headings, anchor, link)
    }
  })

  it.each(documents)("%s names existing commands", (file) => {
    for (const [, command = ""] of read(file).matchAll(/npx -y pnpm@10 ([\w:]+)/g)) {
      assert.include([...scripts, "vitest", "tsx"], command)
    }
  })

  it("name every error", () => {
    const tags = Object.values(InvitationError).flatMap((value) =>
      Predicate.hasProperty(value, "_tag") && typeof value._tag === "string" ? [value._tag] : []
    )
    assert.isAtLeast(tags.length, 13)
    for (const tag of tags) assert.include(read("packages/core/README.md"), `\n| \`${tag}\` |`)
  })
})

function slug(heading: string): string {
  return heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")
}
