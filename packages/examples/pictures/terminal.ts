/**
 * A command and what it printed.
 */
export interface Step {
  readonly command: string
  readonly output: string
}

const columns = 118
const lineHeight = 19
const characterWidth = 7.83
const margin = 18

const escape = (text: string): string =>
  text.replace(/[&<>]/g, (char) => char === "&" ? "&amp;" : char === "<" ? "&lt;" : "&gt;")

// A terminal breaks a long line at its edge.
const wrap = (line: string): ReadonlyArray<string> => line.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [""]

const lines = ({ command, output }: Step): ReadonlyArray<string> => [
  ...wrap(`$ ${command}`).map((line, index) =>
    index === 0 ? `<tspan class="prompt">$</tspan>${escape(line.slice(1))}` : escape(line)
  ),
  ...output.trimEnd().split("\n").flatMap(wrap).map((line) => `<tspan class="output">${escape(line)}</tspan>`)
]

/**
 * Renders a session of a terminal as an SVG.
 */
export const render = (session: ReadonlyArray<Step>): string => {
  const all = session.flatMap((step, index) => [...(index === 0 ? [] : [""]), ...lines(step)])
  const width = Math.ceil(columns * characterWidth + 2 * margin)
  const height = all.length * lineHeight + 2 * margin
  const texts = all.map((line, index) =>
    `<text x="${margin}" y="${margin + (index + 1) * lineHeight - 5}" xml:space="preserve">${line}</text>`
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A session of the effect-clerk command">
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6edf3 }
.prompt { fill: #7ee787 }
.output { fill: #9da7b3 }
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${texts.join("\n")}
</svg>
`
}
