import * as EmailAddress from "@effect-clerk/core/EmailAddress"

/**
 * The form in which addresses are compared: folded, and normalized to NFC, since a server may send a letter with an
 * accent as one code point or as two.
 */
export const key = (address: string): string => EmailAddress.fold(address).normalize("NFC")

/**
 * Whether two addresses are the same, ignoring case and Unicode normalization.
 */
export const equals = (self: string, that: string): boolean => self === that || key(self) === key(that)
