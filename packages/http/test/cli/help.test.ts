import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { campaignHelp, type Help, help } from "../../cli/commands/help.js"
import { cli, emulator, linkDriver, programLine, shell } from "./utils.js"

const timeout = 60_000

// The commands, those of campaigns by two words.
const commands: ReadonlyArray<readonly [string, Help]> = [
  ...Object.entries(help).filter(([name]) => name !== "campaign"),
  ...Object.entries(campaignHelp).map(([name, help]) => [`campaign ${name}`, help] as const)
]

describe("help", () => {
  it.live("lists every command, and each has examples", () =>
    Effect.gen(function*() {
      const all = yield* cli(["--help"])
      assert.deepStrictEqual(yield* cli([]), all)
      assert.strictEqual(all.code, 0)
      for (const { summary } of Object.values(help)) assert.include(all.stdout, summary)
      const campaigns = yield* cli(["campaign", "--help"])
      assert.deepStrictEqual(yield* cli(["campaign"]), campaigns)
      assert.strictEqual(campaigns.code, 0)
      for (const { summary } of Object.values(campaignHelp)) assert.include(campaigns.stdout, summary)
      for (const example of help.campaign.examples) assert.include(campaigns.stdout, `$ effect-clerk ${example}`)
      for (const [name, { examples }] of commands) {
        const { code, stdout } = yield* cli([...name.split(" "), "--help"])
        assert.strictEqual(code, 0)
        assert.include(stdout, `USAGE\n\n$ effect-clerk ${name} `)
        for (const example of examples) assert.include(stdout, `$ effect-clerk ${example}`)
      }
    }).pipe(Effect.provide(emulator())))

  it.live("documents every flag of every command", () =>
    Effect.gen(function*() {
      const document = yield* Effect.promise(() => readFile(new URL("../../COMMAND.md", import.meta.url), "utf8"))
      for (const [name] of commands) {
        const { stdout } = yield* cli([...name.split(" "), "--help"])
        const flags = Array.from(stdout.matchAll(/^\(?(?:-\w, )?(--[a-z-]+)/gm), ([, flag = ""]) => flag)
        assert.isAbove(flags.length, 2)
        assert.deepStrictEqual(flags.filter((flag) => !document.includes(flag)), [], name)
      }
    }).pipe(Effect.provide(emulator())))

  const examples = [...Object.values<Help>(help), ...Object.values<Help>(campaignHelp)].flatMap((
    { examples }
  ) => [...examples])
    .filter((line) => !line.startsWith("emulator"))

  // The words of a line, without their quotes.
  const wordsOf = (line: string): ReadonlyArray<string> =>
    Array.from(
      line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
      ([, single, double, plain]) => single ?? double ?? plain ?? ""
    )

  it.scopedLive.each(examples)(
    "the example runs: %s",
    (example) =>
      Effect.gen(function*() {
        const control = yield* InvitationsControl
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped()
        // `create ada@…` needs an address without an invitation, the other examples find some.
        const names = example.startsWith("create") ? ["grace", "eve"] : ["ada", "eve"]
        yield* control.seed(names.map((name) => ({ emailAddress: `${name}@example.com` })))
        const [first, second] = yield* control.invitations
        yield* fs.writeFileString(
          join(directory, "people.csv"),
          example.includes("Work mail")
            ? "Work mail,Team,Note\nhedy@example.com,engines,vip\n"
            : "email_address\nhedy@example.com\n"
        )
        const paths = (line: string) =>
          wordsOf(line).map((word) => /\.(?:csv|db)$/.test(word) ? join(directory, word) : word)
        if (example.startsWith("campaign")) {
          yield* linkDriver(directory)
          const database = ["--database", join(directory, "campaigns.db")]
          const csv = join(directory, "people.csv")
          if (example.includes("ended ")) yield* cli(["campaign", "start", csv, "--id", "ended", "--run", ...database])
          if (!example.startsWith("campaign start")) {
            yield* cli(["campaign", "start", csv, "--id", "spring", ...database])
          }
          if (example.startsWith("campaign resume")) yield* cli(["campaign", "pause", "spring", ...database])
        }
        const line = example.replace("inv_2abc", first?.id ?? "").replace("inv_2def", second?.id ?? "")
        const { code, stderr } = /[<>]/.test(line)
          ? yield* shell(`${programLine} ${line}`, { directory })
          : yield* cli(paths(line))
        assert.strictEqual(code, 0, stderr)
      }).pipe(Effect.provide(emulator())),
    timeout
  )
})

const has = (command: string): boolean => spawnSync(command, ["--version"]).status === 0

describe("completions", () => {
  const complete = {
    bash: `
      . ./completions
      COMP_WORDS=(effect-clerk invite --on); COMP_CWORD=2
      "$(complete -p effect-clerk | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" effect-clerk --on invite
      echo "\${COMPREPLY[@]}"
      COMP_WORDS=(effect-clerk campaign start --no-sing); COMP_CWORD=3
      "$(complete -p effect-clerk | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" effect-clerk --no-sing start
      echo "\${COMPREPLY[@]}"
      COMP_WORDS=(effect-clerk rev); COMP_CWORD=1
      "$(complete -p effect-clerk | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" effect-clerk rev effect-clerk
      echo "\${COMPREPLY[@]}"
    `,
    fish: "source ./completions; complete -C 'effect-clerk invite --on'; complete -C 'effect-clerk rev'",
    // Outside of its editor zsh has no completion system, so the script gets a small one, which prints what it is asked to show.
    zsh: `
      _arguments() { print -l -- "$@"; state=effect-clerk; line=(invite) }
      _describe() { print -l -- "\${(@P)4}" }
      compdef() { : }
      . ./completions
      _effect-clerk_zsh_completions
      _effect-clerk_commands
    `
  }

  for (const [name, script] of Object.entries(complete)) {
    it.scopedLive.skipIf(!has(name))(
      `complete commands and flags in ${name}${has(name) ? "" : ` (skipped: no ${name} here)`}`,
      () =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const directory = yield* fs.makeTempDirectoryScoped()
          yield* fs.writeFileString(join(directory, "script"), script)
          const { code, stderr, stdout } = yield* shell(
            `${programLine} --completions ${name} > completions && ${name} script`,
            { directory }
          )
          assert.strictEqual(code, 0, stderr)
          assert.strictEqual(stderr, "")
          assert.include(stdout, "--on-existing")
          assert.include(stdout, "revoke")
        }).pipe(Effect.provide(emulator())),
      timeout
    )
  }
})
