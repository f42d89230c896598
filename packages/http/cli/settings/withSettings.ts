import type * as Platform from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as PlatformConfigProvider from "@effect/platform/PlatformConfigProvider"
import { ConfigProvider, Effect, Option } from "effect"
import { Quiet } from "../terminal/stdio.js"

/**
 * Runs a command with its flags `--env-file` and `--quiet`. A variable of the environment wins over the file.
 */
export const withSettings = (flags: { readonly envFile: Option.Option<string>; readonly quiet: boolean }) =>
<A, E, R>(
  command: Effect.Effect<A, E, R>
): Effect.Effect<A, E | Platform.PlatformError, Exclude<R, Quiet> | FileSystem.FileSystem> =>
  Effect.configProviderWith((environment) =>
    Effect.flatMap(
      Effect.transposeMapOption(flags.envFile, (file) => PlatformConfigProvider.fromDotEnv(file)),
      Option.match({
        onNone: () => command,
        onSome: (file) => Effect.withConfigProvider(command, ConfigProvider.orElse(environment, () => file))
      })
    )
  ).pipe(Effect.provideService(Quiet, flags.quiet))
