/**
 * Elements of the page. All content is inserted as text, never as HTML.
 */

/** The element with this id, which must be of this type. */
export const find = <E extends HTMLElement>(id: string, type: new() => E): E => {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`the page has no ${type.name} with the id ${id}`)
}

export const setText = (id: string, text: string): void => {
  find(id, HTMLElement).textContent = text
}

export const setHidden = (id: string, hidden: boolean): void => {
  find(id, HTMLElement).hidden = hidden
}

/** Makes an element. Attributes and children that are undefined are left out. */
export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: { readonly [name: string]: string | undefined },
  ...children: ReadonlyArray<Node | string | undefined>
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** Makes a button. Screen readers read `label` and `target`, for example “Accept ada@example.com”. */
export const makeButton = (
  { label, style, target }: { readonly label: string; readonly target: string; readonly style?: string | undefined },
  onClick: () => void
): HTMLButtonElement => {
  const button = make(
    "button",
    { type: "button", class: style, "data-action": label },
    label,
    make("span", { class: "hidden" }, ` ${target}`)
  )
  button.addEventListener("click", onClick)
  return button
}

const rendered = new WeakMap<Element, { readonly key: string; readonly json: string }>()

// Replaces an element and keeps its focus and whether its details are open.
const replace = (old: Element, element: HTMLElement): void => {
  if (old.querySelector("details")?.open === true) element.querySelector("details")?.setAttribute("open", "")
  const focused = document.activeElement
  const action = focused instanceof HTMLElement ? focused.dataset["action"] : undefined
  const hadFocus = old.contains(focused)
  old.replaceWith(element)
  if (!hadFocus) return
  const target = element.querySelector<HTMLElement>(action === undefined ? "summary" : `[data-action='${action}']`)
  if (target === null) {
    element.tabIndex = -1
    element.focus()
  } else {
    target.focus()
  }
}

/**
 * Updates the children of a list. An unchanged item keeps its element, so that it keeps its focus and open details. An
 * empty list is hidden.
 */
export const updateList = <A>(
  id: string,
  items: ReadonlyArray<A>,
  key: (item: A, index: number) => string | number,
  render: (item: A) => HTMLElement
): void => {
  const list = find(id, HTMLElement)
  const byKey = new Map(Array.from(list.children, (element) => [rendered.get(element)?.key, element]))
  const wanted = items.map((item, index): Element => {
    const itemKey = String(key(item, index))
    const json = JSON.stringify(item)
    const old = byKey.get(itemKey)
    if (old !== undefined && rendered.get(old)?.json === json) return old
    const element = render(item)
    rendered.set(element, { key: itemKey, json })
    if (old !== undefined) replace(old, element)
    return element
  })
  const kept = new Set(wanted)
  for (const element of Array.from(list.children)) if (!kept.has(element)) element.remove()
  wanted.forEach((element, index) => {
    const current = list.children[index]
    if (current !== element) list.insertBefore(element, current ?? null)
  })
  list.hidden = items.length === 0
}
