const controlChars = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`

/**
 * Escapes control characters, line separators and bidirectional overrides, which could control the terminal: ESC becomes
 * `\u001b`.
 */
export const escapeControlChars = (text: string): string => text.replace(controlChars, escape)

/**
 * Escapes control characters in a message of several lines. Keeps the line feeds.
 */
export const escapeLines = (text: string): string => text.split("\n").map(escapeControlChars).join("\n")

const colors = /\u001b\[[\d;]*m/g

/**
 * Removes colour codes and escapes all other control characters, for a text that goes to a file or a pipe.
 */
export const toPlain = (text: string): string => escapeLines(text.replace(colors, ""))

/**
 * Keeps colour codes and escapes all other control characters, for a text that goes to a terminal.
 */
export const toColored = (text: string): string =>
  Array.from(text.matchAll(/(\u001b\[[\d;]*m)|[^\u001b]+|\u001b/g), ([part, color]) => color ?? escapeLines(part)).join(
    ""
  )
