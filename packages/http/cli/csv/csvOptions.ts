import { Options } from "@effect/cli"
import { Option } from "effect"
import { type Encoding, encodings } from "./encoding.js"

/**
 * How to read a CSV file.
 */
export interface CsvOptions {
  /** The column of the addresses: its name or its number, the first is 1. */
  readonly emailColumn: Option.Option<string>
  /** The columns that become metadata: NAME, NAME=KEY or N=KEY. */
  readonly metadataColumns: ReadonlyArray<string>
  readonly metadataTypes: "json" | "string"
  readonly ignoreOtherColumns: boolean
  readonly noHeader: boolean
  readonly tidy: boolean
  readonly encoding: Option.Option<Encoding>
}

/**
 * The flags of a command that reads a CSV file.
 */
export const csvOptions = {
  emailColumn: Options.text("email-column").pipe(
    Options.withPseudoName("NAME|N"),
    Options.optional,
    Options.withDescription(
      "The column of the addresses, by its name or number. Default: the column email_address, or the one that holds addresses."
    )
  ),
  metadataColumns: Options.text("metadata-column").pipe(
    Options.withPseudoName("NAME[=KEY]"),
    Options.repeated,
    Options.withDescription(
      "Send a column as the metadata key KEY; without =KEY, the key is the name of the column. With --no-header: N=KEY."
    )
  ),
  metadataTypes: Options.choice("metadata-types", ["json", "string"]).pipe(
    Options.withDefault("string"),
    Options.withDescription(
      "json: a metadata value that is JSON, such as 3 or true, is sent as that value. string: every value is a string."
    )
  ),
  ignoreOtherColumns: Options.boolean("ignore-other-columns").pipe(
    Options.withDescription("Ignore unknown columns. Without it, they stop the command.")
  ),
  noHeader: Options.boolean("no-header").pipe(
    Options.withDescription("The first row is data, and columns have numbers only.")
  ),
  tidy: Options.boolean("tidy").pipe(
    Options.withDescription("Repair addresses such as 'Ada <ada@example.com>', and report each repair.")
  ),
  encoding: Options.choice("encoding", encodings).pipe(
    Options.optional,
    Options.withDescription("The encoding of the file. Default: by its first bytes, otherwise utf-8.")
  )
}

/**
 * The options without flags.
 */
export const defaults: CsvOptions = {
  emailColumn: Option.none(),
  metadataColumns: [],
  metadataTypes: "string",
  ignoreOtherColumns: false,
  noHeader: false,
  tidy: false,
  encoding: Option.none()
}
