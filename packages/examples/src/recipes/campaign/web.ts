// The API of a web process, see process.ts: starts and watches campaigns, and shows their metrics.
import { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import { InvalidRequest } from "@effect-clerk/core/InvitationError"
import { Campaign } from "@effect-clerk/http/InviteCampaign"
import { CampaignConflict, NoSuchCampaign, StoreError } from "@effect-clerk/http/InviteCampaignError"
import { InviteCampaigns } from "@effect-clerk/http/InviteCampaigns"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Effect, Layer, Metric, MetricState, Schema } from "effect"

const Id = Schema.Struct({ id: Schema.String })

export class CampaignsApi extends HttpApi.make("campaigns").add(
  HttpApiGroup.make("campaigns")
    .add(
      HttpApiEndpoint.put("start", "/campaigns/:id")
        .setPath(Id)
        .setPayload(Schema.Struct({ people: Schema.Array(CreateInvitation) }))
        .addSuccess(Campaign)
        .addError(InvalidRequest, { status: 422 })
        .addError(CampaignConflict, { status: 409 })
        .addError(StoreError, { status: 503 })
    )
    .add(
      HttpApiEndpoint.get("get", "/campaigns/:id")
        .setPath(Id)
        .addSuccess(Campaign)
        .addError(NoSuchCampaign, { status: 404 })
        .addError(StoreError, { status: 503 })
    )
    .add(HttpApiEndpoint.get("metrics", "/metrics").addSuccess(HttpApiSchema.Text()))
) {}

// The counters and gauges in the format of Prometheus. openTelemetry.ts exports all metrics.
const metrics = Effect.map(
  Metric.snapshot,
  (all) =>
    all.flatMap(({ metricKey: { name, tags }, metricState }) => {
      const labels = tags.map(({ key, value }) => `${key}="${value}"`).join(",")
      const line = (value: number | bigint) => `${name}${labels === "" ? "" : `{${labels}}`} ${value}\n`
      if (MetricState.isGaugeState(metricState)) return [line(metricState.value)]
      if (MetricState.isCounterState(metricState)) return [line(metricState.count)]
      return []
    }).join("")
)

/** The API without its server. It has no authentication: put that of your application before it. */
export const CampaignsApiLive = HttpApiBuilder.api(CampaignsApi).pipe(
  Layer.provide(
    HttpApiBuilder.group(CampaignsApi, "campaigns", (handlers) =>
      Effect.map(InviteCampaigns, (campaigns) =>
        handlers
          .handle(
            "start",
            ({ path: { id }, payload: { people } }) =>
              Effect.map(campaigns.start({ id, people }), ({ campaign }) => campaign)
          )
          .handle("get", ({ path: { id } }) => campaigns.get(id))
          .handle("metrics", () => metrics)))
  )
)
