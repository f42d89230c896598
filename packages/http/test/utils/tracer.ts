import { Option, Tracer } from "effect"

/**
 * A tracer that records every span: its name, its attributes and whether it has a parent. Records every event too: its
 * name, its attributes and the name of its span.
 */
export const recordingTracer = () => {
  const spans: Array<
    { readonly name: string; readonly isRoot: boolean; readonly attributes: ReadonlyMap<string, unknown> }
  > = []
  const events: Array<
    { readonly name: string; readonly span: string; readonly attributes: Record<string, unknown> | undefined }
  > = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind, options) => {
      const attributes = new Map<string, unknown>(Object.entries(options?.attributes ?? {}))
      spans.push({ name, isRoot: Option.isNone(parent), attributes })
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
        event: (event, _, attributes) => {
          events.push({ name: event, span: name, attributes })
        },
        addLinks: () => {}
      }
    },
    context: (f) => f()
  })
  return { events, spans, tracer }
}
