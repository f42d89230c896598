import effect from "@effect/eslint-plugin"
import comments from "@eslint-community/eslint-plugin-eslint-comments"
import { createNodeResolver, importX } from "eslint-plugin-import-x"
import { defineConfig } from "eslint/config"
import { builtinModules } from "node:module"
import tseslint from "typescript-eslint"

const barrels = ["effect", "@effect/platform"]

const deterministic = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Read the time from effect/Clock or effect/DateTime, so that TestClock controls it."
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: "Read the time from effect/Clock or effect/DateTime, so that TestClock controls it."
  }
]

const noAssertions = [
  {
    selector: "TSAsExpression:not([typeAnnotation.typeName.name='const'])",
    message:
      "Prove the type instead (Schema, a guard, satisfies), or disable this rule on the line and say why it holds."
  },
  {
    selector: "TSTypeAssertion",
    message:
      "Prove the type instead (Schema, a guard, satisfies), or disable this rule on the line and say why it holds."
  }
]

const noOptionsInChai = [{
  selector:
    "CallExpression[callee.object.name='assert'][callee.property.name=/^deep/] CallExpression[callee.object.name='Option'][callee.property.name=/^(some|none)$/]",
  message: "chai finds `Some` and `None` equal. Use assertSome, assertNone or deepStrictEqual of @effect/vitest/utils."
}]

// The barrel rule checks named imports only.
const noNamespaceBarrels = barrels.map((name) => ({
  selector: `ImportDeclaration[source.value='${name}'] > ImportNamespaceSpecifier`,
  message: `Import the module itself, as in import * as Effect from "effect/Effect".`
}))

// The allowed directions between the folders of http/src/internal: an import goes only down this list.
const rooms = {
  write: ["client", "limiter", "call"],
  call: ["client", "limiter"],
  limiter: ["client"],
  client: ["wire"],
  emulator: ["wire"],
  tenants: ["client"],
  wire: [],
  campaign: ["client"]
}

const internal = "./packages/http/src/internal"

// The same for the folders of http/src/internal/campaign.
const campaignRooms = {
  service: ["start", "slice", "store", "model"],
  start: ["store", "model"],
  slice: ["store", "model"],
  store: ["model"],
  model: []
}

// The same for the folders of core/src/internal.
const coreRooms = {
  typed: ["bulk", "write", "pagination", "schema"],
  bulk: ["write", "pagination", "schema"],
  write: ["pagination", "schema"],
  acceptance: ["pagination", "schema"],
  pagination: ["schema"],
  schema: []
}

// The same for the folders of the command.
const commandRooms = {
  commands: ["campaign", "invite", "emulator", "csv", "files", "settings", "terminal"],
  campaign: ["invite", "csv", "files", "settings", "terminal"],
  invite: ["csv", "files", "settings", "terminal"],
  emulator: ["files", "terminal"],
  settings: ["terminal"],
  csv: ["terminal"],
  files: [],
  terminal: []
}

const zonesOf = (folder, rooms, name) =>
  Object.entries(rooms).map(([room, allowed]) => ({
    target: `${folder}/${room}`,
    from: Object.keys(rooms).filter((other) => other !== room && !allowed.includes(other)).map((other) =>
      `${folder}/${other}`
    ),
    message: `${name}/${room} may import from ${allowed.length === 0 ? "no other folder" : allowed.join(", ")}.`
  })).filter(({ from }) => from.length > 0)

const restrictedPaths = [
  ...zonesOf(internal, rooms, "internal"),
  ...zonesOf(`${internal}/campaign`, campaignRooms, "internal/campaign"),
  ...zonesOf("./packages/http/cli", commandRooms, "cli"),
  ...zonesOf("./packages/core/src/internal", coreRooms, "internal"),
  {
    target: "./packages/core/src",
    from: "./packages/http",
    message: "core does not know http."
  },
  {
    target: "./packages/http/src",
    from: ["./packages/http/cli", "./packages/examples"],
    message: "The library imports neither the command line nor the examples."
  },
  {
    target: "./packages/http/cli",
    from: ["./packages/http/src/internal", "./packages/core/src/internal"],
    message: "The command line uses the public modules only."
  }
]

export default defineConfig(
  {
    ignores: ["**/dist/", "packages/http/bin/", "**/coverage/", "docs/", "**/node_modules/", ".cache/"]
  },
  {
    files: ["**/*.{ts,mts,mjs}"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { "@effect": effect, "eslint-comments": comments },
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname
      }
    },
    linterOptions: {
      reportUnusedDisableDirectives: "error"
    },
    rules: {
      "@effect/dprint": ["error", {
        config: {
          indentWidth: 2,
          lineWidth: 120,
          semiColons: "asi",
          quoteStyle: "alwaysDouble",
          trailingCommas: "never",
          operatorPosition: "maintain",
          "arrowFunction.useParentheses": "force"
        }
      }],
      "eslint-comments/disable-enable-pair": "error",
      "eslint-comments/no-unlimited-disable": "error",
      "eslint-comments/require-description": ["error", { ignore: ["eslint-enable"] }],

      "eqeqeq": "error",
      "object-shorthand": "error",
      "no-var": "error",
      "prefer-const": "error",

      "@typescript-eslint/array-type": ["error", { default: "generic", readonly: "generic" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", {
        argsIgnorePattern: "^_",
        varsIgnorePattern: "^_",
        caughtErrorsIgnorePattern: "^_",
        destructuredArrayIgnorePattern: "^_"
      }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", {
        allowConstantLoopConditions: "only-allowed-literals"
      }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],

      // A generator without a yield is still an Effect.
      "require-yield": "off",
      // `interface Hello extends Schema.Schema.Type<typeof Hello> {}` keeps hovers and declarations short; a case of a
      // `Data.TaggedEnum` without fields is `{}`.
      "@typescript-eslint/no-empty-object-type": ["error", {
        allowInterfaces: "with-single-extends",
        allowObjectTypes: "always"
      }],
      // Type parameters that occur once carry inference, variance or phantom types in Effect signatures.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // Schema classes and tagged errors are copied with some fields replaced: `new Hello({ ...hello, name })`.
      "@typescript-eslint/no-misused-spread": "off",
      // `X.make` and `Schema.decodeUnknown` are passed around as values; none of them uses `this`.
      "@typescript-eslint/unbound-method": "off",
      // A module and its types may share a namespace: `declare namespace Hello { type Encoded = … }`.
      "@typescript-eslint/no-namespace": ["error", { allowDeclarations: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", {
        ignoreArrowShorthand: true,
        ignoreVoidOperator: true
      }]
    }
  },
  {
    files: ["packages/*/src/**/*.ts", "packages/http/cli/**/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Use effect/Clock." },
        { object: "Math", property: "random", message: "Use effect/Random." }
      ],
      "no-restricted-syntax": ["error", ...deterministic, ...noAssertions],
      "@typescript-eslint/ban-ts-comment": ["error", {
        "ts-check": true,
        "ts-expect-error": true,
        "ts-ignore": true,
        "ts-nocheck": true
      }]
    }
  },
  {
    files: ["packages/http/page/*.ts"],
    rules: {
      "no-restricted-syntax": ["error", ...noAssertions],
      "@typescript-eslint/no-restricted-imports": ["error", {
        patterns: [{ group: ["../*"], allowTypeImports: true, message: "The page bundles its own modules only." }]
      }]
    }
  },
  {
    files: ["packages/{core,http}/src/**/*.ts", "packages/http/cli/**/*.ts"],
    plugins: { "import-x": importX },
    settings: {
      "import-x/extensions": [".ts"],
      "import-x/resolver-next": [createNodeResolver({ extensionAlias: { ".js": [".ts"] }, extensions: [".ts"] })]
    },
    rules: {
      "import-x/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones: restrictedPaths }],
      "import-x/no-cycle": ["error", { ignoreExternal: true }]
    }
  },
  {
    files: ["packages/*/test/**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", ...noOptionsInChai] }
  },
  {
    files: ["packages/{core,http}/src/**/*.ts"],
    rules: {
      "@effect/no-import-from-barrel-package": ["error", { packageNames: barrels }],
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        ...["process", "Buffer", "global", "require", "__dirname", "__filename", "setImmediate"].map((name) => ({
          name,
          message: "This package runs outside Node as well."
        })),
        ...["document", "history", "localStorage", "location", "navigator", "sessionStorage", "window"].map((name) => ({
          name,
          message: "This package runs outside browsers as well."
        })),
        // The DOM library declares these, so that a forgotten variable would type-check.
        ...["close", "event", "length", "name", "open", "origin", "parent", "self", "status", "stop", "top"]
      ],
      "no-restricted-imports": ["error", {
        paths: builtinModules.map((name) => ({ name, message: "This package runs outside Node as well." })),
        patterns: [
          { group: ["node:*"], message: "This package runs outside Node as well." },
          { group: ["@effect/platform-*"], message: "The application chooses the platform." }
        ]
      }],
      "no-restricted-syntax": ["error", ...deterministic, ...noAssertions, ...noNamespaceBarrels]
    }
  },
  {
    files: ["*.{ts,mjs}", ".ci/**/*.{mjs,ts}"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } }
  }
)
