import { Option } from "effect"

/**
 * The encodings that `--encoding` accepts.
 */
export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const

/**
 * How the bytes of a file represent its text.
 */
export type Encoding = typeof encodings[number]

/**
 * How many of the first bytes of a file decide its encoding.
 */
export const headSize = 512

const marks: ReadonlyArray<{ readonly encoding: Encoding; readonly bytes: ReadonlyArray<number> }> = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] }
]

const startsWith = (head: Uint8Array, bytes: ReadonlyArray<number>): boolean =>
  bytes.every((byte, index) => head[index] === byte)

/**
 * The encoding of UTF-16 without a byte order mark: one byte of most characters is NUL, nearly always at the same side.
 */
const fromNulBytes = (head: Uint8Array): Option.Option<Encoding> => {
  const characters = Math.floor(head.length / 2)
  const nuls = [0, 0]
  head.subarray(0, 2 * characters).forEach((byte, index) => {
    if (byte === 0) nuls[index % 2] = (nuls[index % 2] ?? 0) + 1
  })
  const [even = 0, odd = 0] = nuls
  // A few characters, such as U+0100, have the NUL byte at the other side.
  const most = (count: number, other: number): boolean => count * 2 > characters && count > other * 8
  if (most(odd, even)) return Option.some("utf-16le")
  return most(even, odd) ? Option.some("utf-16be") : Option.none()
}

/**
 * The encoding of a file and the length of its byte order mark in bytes, by the first `headSize` bytes of the file.
 * `chosen` takes precedence over the mark.
 */
export const detectEncoding = (
  head: Uint8Array,
  chosen: Option.Option<Encoding>
): { readonly encoding: Encoding; readonly markLength: number } => {
  const mark = marks.find(({ bytes }) => startsWith(head, bytes))
  return {
    encoding: Option.getOrElse(
      chosen,
      () => mark?.encoding ?? Option.getOrElse(fromNulBytes(head), (): Encoding => "utf-8")
    ),
    markLength: mark?.bytes.length ?? 0
  }
}

const archives = [[0x50, 0x4b, 0x03, 0x04], [0xd0, 0xcf, 0x11, 0xe0]]

/**
 * Whether the first bytes of a file are those of a spreadsheet (.xlsx, .ods, .xls) or a ZIP file.
 */
export const isSpreadsheet = (head: Uint8Array): boolean => archives.some((bytes) => startsWith(head, bytes))

/**
 * Whether bytes can be text in windows-1252: no control character, no undefined byte.
 */
export const canBeWindows1252 = (bytes: Uint8Array): boolean =>
  bytes.every((byte) =>
    byte >= 0x20
      ? ![0x7f, 0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte)
      : byte === 0x09 || byte === 0x0a || byte === 0x0d
  )
