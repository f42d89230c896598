/**
 * The path of a request, without its query.
 */
export const pathOf = (url: string): string => url.replace(/[?#].*$/s, "")

/**
 * Whether a request is for the emulator's page or its control, and none of a client's.
 */
export const isOwnPath = (url: string): boolean =>
  /^\/(?:_emulator\/.*|docs|openapi\.json|favicon\.ico)?$/s.test(pathOf(url))
