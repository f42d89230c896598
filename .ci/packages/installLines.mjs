import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fail, root, runWithOutput } from "./process.mjs"

const readmes = ["README.md", "packages/core/README.md", "packages/http/README.md"]

// A deprecated package deep in the tree is not ours to change.
const harmless = /deprecated/i

const complaint = /\bwarn(ing)?\b|ERESOLVE|\bpeer\b|EBADENGINE/i

const linesOf = (file) =>
  Array.from(
    readFileSync(join(root, file), "utf8").matchAll(/^npm install (@effect-clerk\/.*)$/gm),
    ([, specifiers]) => ({
      file,
      specifiers: specifiers.split(" ")
    })
  )

const check = (manager, { file, specifiers }, output) => {
  const lines = output.split("\n").filter((line) => complaint.test(line) && !harmless.test(line))
  if (lines.length > 0) {
    fail(`${manager} complains about the install line of ${file}, ${specifiers.join(" ")}:\n${lines.join("\n")}`)
  }
}

/**
 * Runs every install line of the READMEs in empty projects, with npm and pnpm. The tarballs take the place of the registry for our
 * packages. Fails if a package manager prints a warning. Returns the number of lines.
 */
export const run = (directory, packages) => {
  const tarballs = new Map(packages.map(({ filename, manifest }) => [manifest.name, `file:${filename}`]))
  const lines = readmes.flatMap(linesOf)
  if (lines.length < readmes.length) fail("a README has no install line")
  lines.forEach((line, index) => {
    const specifiers = line.specifiers.map((specifier) => tarballs.get(specifier) ?? specifier)
    for (const manager of ["npm", "pnpm"]) {
      const project = join(directory, `install-${manager}-${index}`)
      mkdirSync(project)
      writeFileSync(
        join(project, "package.json"),
        JSON.stringify({ private: true, type: "module", pnpm: { overrides: Object.fromEntries(tarballs) } })
      )
      const args = manager === "npm"
        ? ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...specifiers]
        : ["add", "--ignore-scripts", "--ignore-workspace", "--prefer-offline", ...specifiers]
      check(manager, line, runWithOutput(manager, args, project))
    }
  })
  return lines.length
}
