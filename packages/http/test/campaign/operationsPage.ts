import { readFileSync } from "node:fs"

/** The page for the people who operate campaigns. */
export const page = readFileSync(new URL("../../OPERATIONS.md", import.meta.url), "utf8")

/** The text of a chapter. */
export const chapter = (title: string): string => {
  const [, rest = ""] = page.split(`\n## ${title}\n`)
  return rest.split("\n## ")[0] ?? ""
}

/** The blocks of a language, without their indentation. */
export const blocks = (language: "sh" | "sql"): ReadonlyArray<string> =>
  Array.from(
    page.matchAll(new RegExp(`^([ ]*)\`\`\`${language}\\n([^]*?)^\\1\`\`\`$`, "gm")),
    ([, margin = "", code = ""]) => code.split("\n").map((line) => line.slice(margin.length)).join("\n").trim()
  )
