/**
 * Chooses how many addresses to send in one bulk create. Clerk refuses a whole batch for one address, and does not always name
 * it. `inviteMany` and the durable campaigns of `@effect-clerk/http` choose the sizes of their batches with it.
 *
 * @since 0.1.0
 */
import * as Doubt from "./internal/bulk/doubt.js"

/**
 * The size of the next batch, from the refusals of the batches before.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchSize {
  /** Returns whether a batch was refused lately without naming an address. */
  readonly isRaised: () => boolean
  /** Records a batch of `size` addresses: whether it was refused without naming one of them. */
  readonly record: (size: number, refused: boolean) => void
  /** Returns how many addresses to send in the next batch, 1 to 10. */
  readonly batchSize: () => number
  /** Returns what is remembered, as JSON. */
  readonly state: () => BatchSize.State
}

/**
 * @since 0.1.0
 */
export declare namespace BatchSize {
  /**
   * What is remembered of the latest batches.
   *
   * @since 0.1.0
   * @category models
   */
  export interface State {
    /** The number of addresses that were sent. */
    readonly sent: number
    /** The estimated number of addresses among them for which Clerk refuses a batch. */
    readonly culprits: number
  }

  /**
   * The options of {@link make}.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Options {
    /** Whether the addresses of a refused batch are sent by single creates. */
    readonly useSingleCreates: boolean
    /** What an earlier instance remembered. Defaults to nothing. */
    readonly state?: State | undefined
  }
}

/**
 * Makes an estimate of the share of addresses for which Clerk refuses a batch, which follows about 200 addresses.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { BatchSize } from "@effect-clerk/core"
 *
 * const size = BatchSize.make({ useSingleCreates: false })
 * size.batchSize() // 10
 * size.record(10, true)
 * size.batchSize() < 10 // true
 * ```
 */
export const make: (options: BatchSize.Options) => BatchSize = Doubt.make
