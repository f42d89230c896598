import * as Runtime from "./runtime.js"

/**
 * Whether the requests of a layer may reuse connections. After a response that belongs to another request, the responses on a
 * kept-alive connection may be out of order, so for a minute every request asks the server to close its connection.
 */
export interface ConnectionReuse {
  /** Whether a request at `now`, in milliseconds of the monotonic clock, asks to close its connection. */
  readonly isSuspended: (now: () => number) => boolean
  readonly suspend: (now: number) => void
}

const suspendedMillis = 60_000

// The other runtimes ignore the header `connection`, or fail because HTTP/2 forbids it.
const isNode = Runtime.current === "node"

export const make = (): ConnectionReuse => {
  let suspendedUntil: number | undefined
  return {
    isSuspended: (now) => suspendedUntil !== undefined && now() < suspendedUntil,
    suspend: (now) => {
      if (isNode) suspendedUntil = now + suspendedMillis
    }
  }
}
