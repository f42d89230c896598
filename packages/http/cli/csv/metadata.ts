import type { Metadata } from "@effect-clerk/core/Metadata"
import { Either, Option, Predicate } from "effect"
import type { CsvOptions } from "./csvOptions.js"

const isMetadata = (value: unknown): value is Metadata => Predicate.isRecord(value)

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/**
 * The object in a cell of the column public_metadata.
 */
export const parseObject = (cell: string): Either.Either<Metadata, string> =>
  Either.fromOption(Option.filter(parseJson(cell), isMetadata), () => "public_metadata must be a JSON object")

/**
 * Whether a number has more digits than JavaScript keeps.
 */
const isInexact = (value: unknown): boolean =>
  typeof value === "number" && (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))

const parseExact = Option.liftThrowable((text: string): unknown =>
  JSON.parse(text, (_, value: unknown) => {
    if (isInexact(value)) throw new RangeError("a number is not exact")
    return value
  })
)

/**
 * The value of a cell as metadata. With `"json"`, a cell that is not JSON or has a number that loses digits stays a string.
 */
export const toValue = (cell: string, metadataTypes: CsvOptions["metadataTypes"]): unknown =>
  metadataTypes === "string" ? cell : Option.getOrElse(parseExact(cell), () => cell)
