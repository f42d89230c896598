import ts from "typescript"

const text = (node: ts.Node): string =>
  ts.getJSDocCommentsAndTags(node).flatMap((part) =>
    ts.isJSDoc(part) ? [ts.getTextOfJSDocComment(part.comment) ?? ""] : []
  ).join("").trim()

const hasTag = (node: ts.Node, name: string): boolean =>
  ts.getJSDocTags(node).some(({ comment, tagName }) =>
    tagName.text === name && (ts.getTextOfJSDocComment(comment) ?? "").trim() !== ""
  )

const nameOf = (node: ts.Node): string =>
  ts.isClassElement(node) || ts.isTypeElement(node) || ts.isPropertyAssignment(node) ? node.name?.getText() ?? "" : ""

// The interface that declares these documents them.
const isDocumentedByInterface = (member: ts.ClassElement): boolean =>
  ts.getCombinedModifierFlags(member) === ts.ModifierFlags.Override ||
  (member.name !== undefined && ts.isComputedPropertyName(member.name)) ||
  ["toJSON", "toString"].includes(nameOf(member))

const isPrivate = (member: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0 ||
  (member.name !== undefined && ts.isPrivateIdentifier(member.name))

// The object literals of `class A extends Schema.Class<A>("A")({ … })`. Their properties are the fields of the class.
const fields = (node: ts.Expression): ReadonlyArray<ts.PropertyAssignment> =>
  ts.isCallExpression(node) && node.getText().startsWith("Schema.")
    ? [
      ...fields(node.expression),
      ...node.arguments.flatMap((argument) =>
        ts.isObjectLiteralExpression(argument) ? argument.properties.filter(ts.isPropertyAssignment) : []
      )
    ]
    : []

// The type literals in the type arguments of a heritage clause, as in `extends Data.TaggedError("A")<{ … }>`.
const literals = (node: ts.ExpressionWithTypeArguments): ReadonlyArray<ts.TypeElement> =>
  (node.typeArguments ?? []).flatMap((argument) => ts.isTypeLiteralNode(argument) ? argument.members : [])

const without = (name: string, members: ReadonlyArray<ts.Node>): ReadonlyArray<string> =>
  members.filter((member) => text(member) === "").map((member) => `${name}.${nameOf(member)}: no text`)

const membersOf = (name: string, declaration: ts.Declaration): ReadonlyArray<string> => {
  if (ts.isInterfaceDeclaration(declaration)) return without(name, declaration.members)
  if (ts.isTypeAliasDeclaration(declaration)) {
    return ts.isTypeLiteralNode(declaration.type)
      ? without(name, declaration.type.members.filter((member) => !ts.isIndexSignatureDeclaration(member)))
      : []
  }
  if (ts.isClassDeclaration(declaration)) {
    const members = declaration.members.filter((member) => !isPrivate(member))
    const heritage = (declaration.heritageClauses ?? []).flatMap(({ types }) => types)
    return [
      ...members.filter((member) => !hasTag(member, "since")).map((member) => `${name}.${nameOf(member)}: no @since`),
      ...without(name, members.filter((member) => !isDocumentedByInterface(member))),
      ...without(name, heritage.flatMap((type) => [...fields(type.expression), ...literals(type)]))
    ]
  }
  return []
}

const tagsOf = (name: string, declaration: ts.Declaration): ReadonlyArray<string> =>
  [...(ts.isModuleDeclaration(declaration) ? [] : ["category"]), "since"]
    .filter((tag) => !hasTag(declaration, tag))
    .map((tag) => `${name}: no @${tag}`)

/**
 * Returns the gaps in the documentation of a module. Every export, field and member needs a text, every declaration `@since`,
 * and every declaration except a namespace `@category`. A schema and the type of the same name share a text.
 */
export const gaps = (checker: ts.TypeChecker, file: ts.SourceFile): ReadonlyArray<string> => {
  const ofExport = (prefix: string) => (symbol: ts.Symbol): ReadonlyArray<string> => {
    const name = `${prefix}${symbol.name}`
    // The documentation of a re-export is in its own module.
    const declarations = (symbol.declarations ?? []).filter((declaration) => declaration.getSourceFile() === file)
    const own = declarations
      .filter((declaration) => !ts.isExportSpecifier(declaration) && !ts.isNamespaceExport(declaration))
      // The names of `export const { A, B } = …` share a text.
      .map((declaration) =>
        ts.isBindingElement(declaration) ? ts.walkUpBindingElementsAndPatterns(declaration) : declaration
      )
    return [
      ...(own.length === 0 || own.every(ts.isModuleDeclaration) || own.some((declaration) => text(declaration) !== "")
        ? []
        : [`${name}: no text`]),
      ...own.flatMap((declaration) => [...tagsOf(name, declaration), ...membersOf(name, declaration)]),
      ...(own.some(ts.isModuleDeclaration) ? checker.getExportsOfModule(symbol).flatMap(ofNested(name)) : [])
    ]
  }
  const ofNested = (name: string) => (symbol: ts.Symbol): ReadonlyArray<string> =>
    // Static members of a class are also exports of its namespace. They were checked with the class.
    symbol.declarations?.some(ts.isClassElement) === true ? [] : ofExport(`${name}.`)(symbol)

  const module = checker.getSymbolAtLocation(file)
  const head = /^\/\*\*(?:[^*]|\*(?!\/))*@since \S/.test(file.text) ? [] : ["the module: no @since"]
  return module === undefined ? ["no module"] : [...head, ...checker.getExportsOfModule(module).flatMap(ofExport(""))]
}
