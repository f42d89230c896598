import type * as Platform from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as PlatformConfigProvider from "@effect/platform/PlatformConfigProvider"
import { ConfigProvider, Effect, Option } from "effect"
import { Interruption, printError, Quiet, type Stdio } from "../terminal/stdio.js"

interface Flags {
  readonly envFile: Option.Option<string>
  readonly quiet: boolean
}

const withEnvFile =
  ({ envFile }: Flags) =>
  <A, E, R>(command: Effect.Effect<A, E, R>): Effect.Effect<A, E | Platform.PlatformError, R | FileSystem.FileSystem> =>
    Effect.configProviderWith((environment) =>
      Effect.flatMap(
        Effect.transposeMapOption(envFile, (file) => PlatformConfigProvider.fromDotEnv(file)),
        Option.match({
          onNone: () => command,
          onSome: (file) => Effect.withConfigProvider(command, ConfigProvider.orElse(environment, () => file))
        })
      )
    )

const nothingChanged = () => "Interrupted. Nothing was changed. Run the same command again."

// Says how to go on if the command is interrupted.
const withInterruption = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const interruption = { message: nothingChanged }
    return Effect.onInterrupt(
      Effect.provideService(command, Interruption, interruption),
      () => Effect.suspend(() => printError(interruption.message()))
    )
  })

/**
 * Runs a command with its flags `--env-file` and `--quiet`. A variable of the environment wins over the file.
 */
export const withSettings = (flags: Flags) =>
<A, E, R>(
  command: Effect.Effect<A, E, R>
): Effect.Effect<
  A,
  E | Platform.PlatformError,
  Exclude<Exclude<R, Interruption>, Quiet> | FileSystem.FileSystem | Stdio
> => command.pipe(withInterruption, withEnvFile(flags), Effect.provideService(Quiet, flags.quiet))
