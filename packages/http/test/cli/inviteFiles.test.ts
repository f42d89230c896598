import { InvitationsControl } from "@effect-clerk/http/InvitationsControl"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { cli, emulator, inDirectory, objects, programLine, shell } from "./utils.js"

const timeout = 60_000

const statuses = Effect.flatMap(
  InvitationsControl,
  ({ invitations }) => Effect.map(invitations, Array.map(({ emailAddress, status }) => `${emailAddress} ${status}`))
)

const calls = Effect.flatMap(InvitationsControl, ({ calls }) => Effect.map(calls, Array.length))

describe("invite --dry-run", () => {
  it.scopedLive(
    "counts rows to send, repeats with their lines, pending ones and repaired ones",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          yield* control.seed([{ emailAddress: "Eve@example.com" }])
          const csv = path("people.csv")
          yield* fs.writeFileString(
            csv,
            "email_address;metadata.role\r\nada@example.com;member\r\nADA@example.com;admin\r\n" +
              "ada@example.com;member\r\n;;\r\nEve <eve@example.com>;\r\nnobody;\r\n"
          )
          const args = ["invite", "--csv", csv, "--dry-run", "--tidy", "--skip-invalid"]
          const { code, stderr, stdout } = yield* cli([...args, "--check-existing"])
          assert.strictEqual(code, 0)
          assert.deepStrictEqual(stdout.trimEnd().split("\n"), [
            "line 2  ada@example.com  {\"public_metadata\":{\"role\":\"member\"}}",
            "line 3  ADA@example.com  {\"public_metadata\":{\"role\":\"admin\"}}  (repeats line 2 with other values, not sent)",
            "line 4  ada@example.com  {\"public_metadata\":{\"role\":\"member\"}}  (repeats line 2, not sent)",
            "line 6  eve@example.com  (a display name was removed; already invited)"
          ])
          assert.match(stderr, /, line 7: email_address must be an e-mail address/)
          assert.include(
            stderr,
            "1 to invite, 2 repeated, 1 already invited, 1 skipped. Clerk's quotas allow them at once."
          )
          const asked = yield* calls
          assert.isAbove(asked, 0)

          const json = yield* cli([...args, "--check-existing", "--json"])
          assert.deepStrictEqual(objects(json.stdout).slice(1), [
            { line: 3, request: { email_address: "ADA@example.com", public_metadata: { role: "admin" } }, repeats: 2 },
            { line: 4, request: { email_address: "ada@example.com", public_metadata: { role: "member" } }, repeats: 2 },
            {
              line: 6,
              request: { email_address: "eve@example.com" },
              repairs: ["a display name was removed"],
              already_invited: true
            }
          ])
          const unasked = yield* cli(args, { CLERK_SECRET_KEY: "" })
          assert.include(unasked.stderr, "2 to invite, 2 repeated, 1 skipped.")
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )
})

describe("invite again", () => {
  it.scopedLive(
    "counts the addresses of the file only, and each repeat once",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const csv = path("people.csv")
          const write = (...addresses: ReadonlyArray<string>) =>
            fs.writeFileString(csv, ["email_address", ...addresses, ""].join("\n"))
          yield* write("ada@example.com", "Ada@example.com", "eve@example.com")
          yield* cli(["invite", "--csv", csv])
          const again = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(again.stderr, "Nothing to send, 1 repeated, 2 done before.\n")
          // A dry run needs no key, also if there are outcomes.
          const preview = yield* cli(["invite", "--csv", csv, "--dry-run"], { CLERK_SECRET_KEY: "" })
          assert.deepStrictEqual([preview.code, preview.stderr], [0, again.stderr])

          const outcomes = path("people.outcomes.ndjson")
          const [header = "", ...lines] = (yield* fs.readFileString(outcomes)).split("\n")
          const unknown = lines.map((line) => line.replace("\"Created\"", "\"Unknown\"").replace(/"id":"\w+",/, ""))
          yield* fs.writeFileString(outcomes, [header, ...unknown].join("\n"))
          // The unknown outcome of eve is not a matter of this file.
          yield* write("grace@example.com", "ada@example.com", "ADA@example.com", "ada@example.com")
          const settled = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(settled.code, 0)
          assert.include(settled.stderr, "2 to invite, 2 repeated.")
          assert.include(settled.stderr, "1 of 1")
          assert.include(settled.stderr, "2 invited, 2 repeated.")
          assert.include(settled.stdout, "line 3  ada@example.com  invited")
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "says which invitations have expired, and sends these with --again expired",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const csv = path("people.csv")
          yield* fs.writeFileString(csv, "email_address\nada@example.com\neve@example.com\ngrace@example.com\n")
          assert.strictEqual((yield* cli(["invite", "--csv", csv])).code, 0)
          const [ada, eve] = yield* control.invitations
          // A month later: the first invitation has expired, and the second was accepted.
          yield* control.expire(ada?.id ?? "")
          yield* control.accept(eve?.id ?? "")
          const outcomes = path("people.outcomes.ndjson")
          const lines = (yield* fs.readFileString(outcomes)).split("\n")
          const aged = lines.map((line) =>
            line.includes("grace@") ? line : line.replace(/"expires_at":"\d+/, "\"expires_at\":\"2020")
          )
          yield* fs.writeFileString(outcomes, aged.join("\n"))

          const again = yield* cli(["invite", "--csv", csv])
          assert.deepStrictEqual(again, {
            code: 0,
            stdout: "",
            stderr: "Nothing to send, 3 done before.\n" +
              "2 invitations of a previous run have expired, unless accepted. Pass --again expired to invite again.\n"
          })
          const expired = yield* cli(["invite", "--csv", csv, "--again", "expired"])
          assert.strictEqual(expired.code, 0)
          assert.include(expired.stderr, "2 to invite, 1 done before.")
          assert.include(expired.stderr, "1 invited, 1 already a user.")
          assert.sameMembers(yield* statuses, [
            `${ada?.emailAddress ?? ""} expired`,
            `${ada?.emailAddress ?? ""} pending`,
            `${eve?.emailAddress ?? ""} accepted`,
            "grace@example.com pending"
          ])
          const last = yield* cli(["invite", "--csv", csv, "--again", "expired"])
          assert.strictEqual(last.stderr, "Nothing to send, 3 done before.\n")
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )

  it.scopedLive(
    "replaces the invitations of others once with --on-existing resend",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          yield* control.seed([{ emailAddress: "ada@example.com" }])
          const csv = path("people.csv")
          yield* fs.writeFileString(csv, "email_address\nada@example.com\neve@example.com\n")
          const report = yield* cli(["invite", "--csv", csv])
          assert.include(report.stderr, "1 invited, 1 already invited.")
          for (const stderr of ["1 to invite, 1 done before.", "Nothing to send, 2 done before."]) {
            const resend = yield* cli(["invite", "--csv", csv, "--on-existing", "resend"])
            assert.strictEqual(resend.code, 0)
            assert.include(resend.stderr, stderr)
          }
          assert.sameMembers(yield* statuses, [
            "ada@example.com revoked",
            "ada@example.com pending",
            "eve@example.com pending"
          ])
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )
})

describe("invite --csv -", () => {
  const run = (command: (program: string) => string) => shell(command(programLine), { shell: "bash" })

  it.scopedLive(
    "reads standard input and pipes, and then needs --outcomes",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const csv = path("people.csv")
          yield* fs.writeFileString(csv, "email_address\nada@example.com\n")
          const rows = (name: string) => `(echo email_address; echo ${name}@example.com)`
          const missing = yield* run((program) => `cat "${csv}" | ${program} invite --csv -`)
          assert.strictEqual(missing.code, 2)
          assert.include(missing.stderr, "standard input has no place for the outcomes. Pass --outcomes FILE")
          assert.strictEqual(yield* calls, 0)

          const outcomes = (name: string) => `--outcomes "${path(name)}"`
          for (
            const command of [
              (program: string) => `${program} invite --csv - ${outcomes("1")} < "${csv}"`,
              (program: string) => `${rows("eve")} | ${program} invite --csv /dev/stdin ${outcomes("2")}`,
              (program: string) => `${program} invite --csv <(${rows("grace")}) ${outcomes("3")}`,
              (program: string) => `${rows("hedy")} | ${program} invite --csv - --dry-run`
            ]
          ) {
            const { code, stderr } = yield* run(command)
            assert.strictEqual(code, 0, stderr)
          }
          assert.sameMembers(yield* statuses, [
            "ada@example.com pending",
            "eve@example.com pending",
            "grace@example.com pending"
          ])
          const invalid = yield* run((program) => `echo nobody | ${program} invite --csv - --dry-run`)
          assert.strictEqual(invalid.code, 2)
          assert.include(invalid.stderr, "standard input, line 1")
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )
})

describe("export", () => {
  it.scopedLive(
    "writes a file that invite reads without a loss",
    () =>
      inDirectory((path, fs) =>
        Effect.gen(function*() {
          const control = yield* InvitationsControl
          const publicMetadata = {
            seats: 3,
            admin: true,
            note: "=1+1",
            nested: { list: [1, "2", null] },
            constructor: "c"
          }
          yield* control.seed([
            { emailAddress: "ada@example.com", publicMetadata },
            { emailAddress: "'+dee@example.com" },
            { emailAddress: "+eve@example.com", publicMetadata: { team: "engines, \"all\"" } }
          ])
          const before = yield* control.invitations
          const csv = path("all.csv")
          yield* cli(["export", "--output", csv])
          assert.include(yield* fs.readFileString(csv), "'+eve@example.com")
          yield* control.reset
          const { code, stderr } = yield* cli(["invite", "--csv", csv])
          assert.strictEqual(code, 0, stderr)
          const contents = Array.map(
            ({ emailAddress, publicMetadata }: (typeof before)[number]) => ({ emailAddress, publicMetadata })
          )
          assert.sameDeepMembers(contents(yield* control.invitations), contents(before))
        })
      ).pipe(Effect.provide(emulator())),
    timeout
  )
})
