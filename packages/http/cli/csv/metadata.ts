import type { Metadata } from "@effect-clerk/core/Metadata"
import { Either, Option, Predicate } from "effect"
import type { CsvOptions } from "./csvOptions.js"

const isMetadata = (value: unknown): value is Metadata => Predicate.isRecord(value)

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const strings = /"(?:[^"\\]|\\.)*"/g

const numbers = /\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi

// JavaScript keeps 15 digits of every number, and more of some.
const isExact = (number: string): boolean =>
  Number.isFinite(Number(number)) &&
  (number.replace(/e.*$/i, "").replace(/[.]|^0+/g, "").length <= 15 || String(Number(number)) === number)

/**
 * Whether JavaScript keeps all digits of the numbers in a JSON text.
 */
export const hasExactNumbers = (json: string): boolean =>
  (json.replace(strings, "").match(numbers) ?? []).every(isExact)

/**
 * The object in a cell of the column public_metadata.
 */
export const parseObject = (cell: string): Either.Either<Metadata, string> =>
  Option.filter(parseJson(cell), isMetadata).pipe(
    Either.fromOption(() => "public_metadata must be a JSON object"),
    Either.filterOrLeft(
      () => hasExactNumbers(cell),
      () => "public_metadata has a number with too many digits; write it in quotes"
    )
  )

/**
 * The value of a cell as metadata. With `"json"`, a cell that is not JSON or has a number that loses digits stays a string.
 */
export const toValue = (cell: string, metadataTypes: CsvOptions["metadataTypes"]): unknown =>
  metadataTypes === "string"
    ? cell
    : Option.getOrElse(Option.filter(parseJson(cell), () => hasExactNumbers(cell)), () => cell)
