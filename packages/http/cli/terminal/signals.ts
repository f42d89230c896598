/**
 * Ends the process on SIGHUP as on SIGTERM: the program is interrupted, and its finalizers run. `NodeRuntime.runMain` handles
 * SIGINT and SIGTERM only. On Windows, Node emits SIGHUP when the console window is closed, and ends the process about ten
 * seconds later.
 */
export const hangUp = (): void => {
  process.on("SIGHUP", () => {
    process.emit("SIGTERM")
  })
}
