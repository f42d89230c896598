import { Tracer } from "effect"

/** A tracer that records the name and the attributes of every span, and the names of its events. */
export const recordingTracer = () => {
  const spans: Array<{ readonly name: string; readonly attributes: ReadonlyMap<string, unknown> }> = []
  const events: Array<string> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind, options) => {
      const attributes = new Map<string, unknown>(Object.entries(options?.attributes ?? {}))
      spans.push({ name, attributes })
      return {
        _tag: "Span",
        name,
        parent,
        context,
        links,
        kind,
        attributes,
        status: { _tag: "Started", startTime },
        spanId: "0123456789abcdef",
        traceId: "0123456789abcdef0123456789abcdef",
        sampled: true,
        attribute: (key, value) => {
          attributes.set(key, value)
        },
        end: () => {},
        event: (event) => {
          events.push(event)
        },
        addLinks: () => {}
      }
    },
    context: (f) => f()
  })
  return { events, spans, tracer }
}
