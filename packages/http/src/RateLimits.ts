/**
 * The limits that Clerk publishes, from `@effect-clerk/core/RateLimits`: they are facts of the domain.
 *
 * @since 0.1.0
 */
export * from "@effect-clerk/core/RateLimits"
