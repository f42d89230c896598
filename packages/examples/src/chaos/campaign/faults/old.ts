/**
 * The machine of an older revision of this repository.
 */
import { Command, FileSystem } from "@effect/platform"
import { Effect } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../../../../", import.meta.url))

const packages = ["core", "http", "examples"]

// The files of a machine, which an older revision may lack.
const machine = ["settings.ts", "faults/settings.ts", "faults/machine.ts"]

const shell = (command: string) =>
  Effect.flatMap(
    Command.exitCode(Command.make("sh", "-c", command).pipe(Command.workingDirectory(root), Command.stderr("inherit"))),
    (code) => code === 0 ? Effect.void : Effect.fail(`exit code ${code}: ${command}`)
  )

/**
 * Checks a revision out into a temporary directory, and returns the file of its machine. It has the dependencies of this
 * revision.
 */
export const program = (revision: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const directory = yield* files.makeTempDirectoryScoped({ prefix: "chaos-old-" })
    yield* shell(`git archive '${revision}' | tar -x -C ${directory}`)
    yield* files.symlink(join(root, "node_modules"), join(directory, "node_modules"))
    for (const name of packages) {
      // The links are relative: those to packages of the repository lead to the older revision.
      const modules = join("packages", name, "node_modules")
      yield* shell(
        `mkdir -p ${join(directory, modules)} && tar -c -C ${modules} --exclude=.cache . | tar -x -C ${
          join(directory, modules)
        }`
      )
    }
    const folder = join("packages", "examples", "src", "chaos", "campaign")
    yield* files.makeDirectory(join(directory, folder, "faults"), { recursive: true })
    for (const file of machine) yield* files.copyFile(join(root, folder, file), join(directory, folder, file))
    return join(directory, folder, "faults", "machine.ts")
  })
