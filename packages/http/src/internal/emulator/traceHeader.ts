/**
 * The header with the id of a request. The body of an error has the same id.
 */
export const traceHeader = "x-clerk-trace-id"
