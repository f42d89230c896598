import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"

/**
 * A digest of people in their order.
 */
export interface Digest {
  readonly add: (request: string) => void
  readonly hex: () => string
}

export const make = (): Digest => {
  const hash = sha256.create()
  const encoder = new TextEncoder()
  return {
    add: (request) => {
      hash.update(encoder.encode(`${request}\n`))
    },
    hex: () => bytesToHex(hash.digest())
  }
}
