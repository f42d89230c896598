// An Effect application without Clerk: it streams the orders of a shop and posts the overdue ones.
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

class Order extends Schema.Class<Order>("Order")({
  id: Schema.String.pipe(Schema.pattern(/^ord_/), Schema.brand("OrderId")),
  state: Schema.Literal("open", "paid", "overdue"),
  amount: Schema.Int.pipe(Schema.positive()),
  note: Schema.optionalWith(Schema.String, { as: "Option", nullable: true }),
  dueAt: Schema.DateTimeUtcFromNumber
}) {}

const Page = Schema.Struct({ orders: Schema.Array(Order), next: Schema.NullOr(Schema.String) })

class ShopError extends Schema.TaggedError<ShopError>()("ShopError", { operation: Schema.String }) {}

class Shop extends Context.Tag("Shop")<Shop, {
  readonly orders: Stream.Stream<Order, ShopError>
  readonly remind: (order: Order) => Effect.Effect<void, ShopError>
}>() {}

const ShopLive = (key: Redacted.Redacted) =>
  Layer.effect(
    Shop,
    Effect.map(HttpClient.HttpClient, (http) => {
      const client = http.pipe(
        HttpClient.mapRequest(HttpClientRequest.bearerToken(key)),
        HttpClient.filterStatusOk,
        HttpClient.retry({ times: 2, schedule: Schedule.exponential("200 millis") })
      )
      const page = (cursor: string) =>
        client.get("https://shop.example.com/orders", { urlParams: { cursor } }).pipe(
          Effect.flatMap(HttpClientResponse.schemaBodyJson(Page)),
          Effect.timeout("10 seconds"),
          Effect.mapError(() => new ShopError({ operation: "orders" })),
          Effect.withSpan("Shop.orders")
        )
      return {
        orders: Stream.paginateChunkEffect("", (cursor) =>
          Effect.map(page(cursor), ({ next, orders }) => [Chunk.fromIterable(orders), Option.fromNullable(next)])),
        remind: (order) =>
          HttpClientRequest.post("https://shop.example.com/reminders").pipe(
            HttpClientRequest.schemaBodyJson(Order)(order),
            Effect.flatMap(client.execute),
            Effect.asVoid,
            Effect.mapError(() =>
              new ShopError({ operation: "remind" })
            )
          )
      }
    })
  )

export const remindAll = (key: string) =>
  Effect.flatMap(Shop, ({ orders, remind }) =>
    orders.pipe(
      Stream.filter(({ state }) => state === "overdue"),
      Stream.mapEffect(remind, { concurrency: 4 }),
      Stream.runCount
    )).pipe(
      Effect.provide(ShopLive(Redacted.make(key)).pipe(Layer.provide(FetchHttpClient.layer))),
      Effect.runPromise
    )
