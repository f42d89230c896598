import { HelpDoc, Span } from "@effect/cli"
import { Array } from "effect"

/**
 * What the help says about a command.
 */
export interface Help {
  /** One sentence. */
  readonly summary: string
  /** What else a user has to know. */
  readonly details?: string
  /** Command lines, without the name of the program. */
  readonly examples: Array.NonEmptyReadonlyArray<string>
}

export const executable = "effect-clerk"

/**
 * The help of each command.
 */
export const help = {
  create: {
    summary: "Creates an invitation and sends the e-mail.",
    examples: [
      "create ada@example.com",
      "create ada@example.com --metadata '{\"team\":\"engines\"}' --redirect-url https://example.com/welcome",
      "create ada@example.com --dry-run"
    ]
  },
  list: {
    summary: "Lists all matching invitations, and prints each page as it arrives.",
    examples: ["list --status pending", "list --query @example.com --order-by email_address --json"]
  },
  find: {
    summary: "Finds all invitations of an e-mail address, or the invitation with an id. Includes revoked invitations.",
    examples: ["find ada@example.com", "find inv_2abc --json"]
  },
  resend: {
    summary: "Revokes the pending invitation of an address and sends another.",
    details: "The old accept link stops working. The metadata is carried over unless --metadata is given.",
    examples: ["resend ada@example.com --yes", "resend ada@example.com --redirect-url https://example.com/welcome"]
  },
  revoke: {
    summary: "Revokes pending invitations, by id or by address. Their accept links stop working.",
    examples: ["revoke ada@example.com", "revoke inv_2abc inv_2def --yes", "revoke ada@example.com --dry-run"]
  },
  delete: {
    summary: "Deletes invitations of any status. This cannot be undone.",
    examples: ["delete inv_2abc", "delete inv_2abc --dry-run"]
  },
  invite: {
    summary: "Invites every address in a CSV file within Clerk's rate limits.",
    details:
      "The outcome of each address is recorded in a file. After a crash or ^C, run the same command again to continue.",
    examples: [
      "invite --csv people.csv --dry-run",
      "invite --csv people.csv --email-column \"Work mail\" --metadata-column Team=team --ignore-other-columns",
      "invite --csv people.csv --again expired",
      "invite --csv - --outcomes people.outcomes.ndjson --yes < people.csv"
    ]
  },
  campaign: {
    summary:
      "Invites thousands of addresses over days, through crashes and restarts. The campaigns are stored in a database.",
    examples: [
      "campaign start people.csv --id spring --database campaigns.db",
      "campaign start people.csv --id spring --database campaigns.db --run"
    ]
  },
  export: {
    summary: "Exports all invitations, including revoked ones, as NDJSON or CSV.",
    examples: ["export --output invitations.csv", "export > invitations.ndjson"]
  },
  emulator: {
    summary: "Serves Clerk's Invitations API from memory, below /v1, until interrupted.",
    details: "Open the URL in a browser to see the state.",
    examples: ["emulator", "emulator --port 4010 --seed 20 --data emulator.json", "emulator --rate-limits"]
  }
} as const satisfies Record<string, Help>

/**
 * The help of each command of campaigns.
 */
export const campaignHelp = {
  start: {
    summary: "Stores the people of a CSV file as a campaign. Sends nothing unless --run is given.",
    details: "After a crash or ^C, run the same command again to continue.",
    examples: [
      "campaign start people.csv --id spring --database campaigns.db",
      "campaign start people.csv --id summer --database campaigns.db --run",
      "campaign start - --id autumn --database campaigns.db --retention '90 days' < people.csv"
    ]
  },
  run: {
    summary: "Works on all campaigns of the database until interrupted. Any number of processes may do so at once.",
    examples: [
      "campaign run --database campaigns.db --until-done",
      "campaign run --database campaigns.db --until-done --json > progress.ndjson"
    ]
  },
  status: {
    summary: "Shows how far a campaign is, and why it stands still if it does.",
    examples: ["campaign status spring --database campaigns.db"]
  },
  watch: {
    summary: "Follows a campaign until its end: as a bar in a terminal, otherwise as one JSON object for each change.",
    examples: ["campaign watch ended --database campaigns.db"]
  },
  list: {
    summary: "Lists the campaigns in the order of their ids.",
    examples: ["campaign list --database campaigns.db", "campaign list --state running --json --database campaigns.db"]
  },
  people: {
    summary: "Prints the people of a campaign with their outcomes, as CSV.",
    examples: ["campaign people spring --outcome Rejected --database campaigns.db > rejected.csv"]
  },
  pause: {
    summary: "Stops a campaign for now. Calls in flight are completed.",
    examples: ["campaign pause spring --database campaigns.db"]
  },
  resume: {
    summary: "Continues a campaign that is paused, or that failed because Clerk refused the whole instance.",
    examples: ["campaign resume spring --database campaigns.db"]
  },
  cancel: {
    summary: "Ends a campaign for good. Invitations that were sent stay valid.",
    examples: ["campaign cancel spring --database campaigns.db"]
  },
  retry: {
    summary: "Lets a campaign send again to people whose invitation was rejected, or whose outcome is unknown.",
    examples: ["campaign retry ended --outcome Rejected --outcome Unknown --database campaigns.db"]
  },
  delete: {
    summary: "Removes a campaign with its people, in any state. This cannot be undone.",
    examples: ["campaign delete ended --yes --database campaigns.db"]
  },
  prune: {
    summary: "Removes the campaigns that ended before a date, with their people. This cannot be undone.",
    examples: ["campaign prune --ended-before 2026-01-31 --database campaigns.db"]
  }
} as const satisfies Record<string, Help>

const line = (text: string): HelpDoc.HelpDoc => HelpDoc.p(`$ ${executable} ${text}`)

/**
 * The description of a command.
 */
export const describe = ({ details, summary }: Help): string =>
  details === undefined ? summary : `${summary} ${details}`

const isCommand = (name: string): name is keyof typeof help => Object.hasOwn(help, name)

/**
 * Whether a word is a command of campaigns.
 */
export const isCampaignCommand = (name: string): name is keyof typeof campaignHelp => Object.hasOwn(campaignHelp, name)

/**
 * The examples of a command, or of a command of campaigns; empty if there is no such command.
 */
export const examplesOf = (name: string, subcommand: string): HelpDoc.HelpDoc => {
  if (!isCommand(name)) return HelpDoc.empty
  const { examples } = name === "campaign" && isCampaignCommand(subcommand) ? campaignHelp[subcommand] : help[name]
  return HelpDoc.blocks([HelpDoc.h1("EXAMPLES"), ...examples.map(line)])
}

const commandsOf = (help: Record<string, Help>): HelpDoc.HelpDoc => {
  const commands = Array.map(
    Object.entries(help),
    ([name, { summary }]): [Span.Span, HelpDoc.HelpDoc] => [Span.strong(name), HelpDoc.p(summary)]
  )
  return Array.isNonEmptyReadonlyArray(commands) ? HelpDoc.descriptionList(commands) : HelpDoc.empty
}

/**
 * The help of the whole program.
 */
export const programHelp = (version: string): HelpDoc.HelpDoc =>
  HelpDoc.blocks([
    HelpDoc.p(`${executable} ${version}: Clerk's invitations on the command line, and an emulator of their API.`),
    HelpDoc.h1("USAGE"),
    line("COMMAND [OPTIONS]"),
    HelpDoc.h1("COMMANDS"),
    commandsOf(help),
    HelpDoc.h1("SETTINGS"),
    HelpDoc.p(
      "CLERK_SECRET_KEY is the secret key of the instance, sk_test_… or sk_live_…. CLERK_API_URL is another host, such as the " +
        "emulator. Both come from the environment or from the file of --env-file, never from an argument."
    ),
    HelpDoc.h1("MORE"),
    line("COMMAND --help"),
    line("--version"),
    line("--completions bash|fish|zsh")
  ])

/**
 * The help of `campaign`.
 */
export const campaignsHelp: HelpDoc.HelpDoc = HelpDoc.blocks([
  HelpDoc.p(describe(help.campaign)),
  HelpDoc.h1("USAGE"),
  line("campaign COMMAND [OPTIONS]"),
  HelpDoc.h1("COMMANDS"),
  commandsOf(campaignHelp),
  HelpDoc.h1("SETTINGS"),
  HelpDoc.p(
    "--database FILE|URL, or EFFECT_CLERK_DATABASE, is the database: a SQLite file needs the package @libsql/client, a postgres:// " +
      "URL needs the package pg. Only run and start --run need CLERK_SECRET_KEY."
  ),
  HelpDoc.h1("EXAMPLES"),
  ...help.campaign.examples.map(line),
  HelpDoc.h1("MORE"),
  line("campaign COMMAND --help")
])
