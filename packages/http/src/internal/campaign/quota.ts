/**
 * By how much a call counts longer than the window, in milliseconds. The server may count a call later than the store, because
 * their clocks and the rounding of times differ.
 */
export const margin = (window: number): number => Math.min(1000, Math.max(1, Math.ceil(window / 500)))
