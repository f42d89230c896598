import type { CreateInvitation } from "@effect-clerk/core/CreateInvitation"
import * as EmailAddress from "@effect-clerk/core/EmailAddress"
import { DeletedInvitation, Invitation, InvitationId } from "@effect-clerk/core/Invitation"
import type { InvitationStatus } from "@effect-clerk/core/Invitation"
import { InvitationPage } from "@effect-clerk/core/InvitationPage"
import type { ListInvitations, OrderBy } from "@effect-clerk/core/ListInvitations"
import * as Metadata from "@effect-clerk/core/Metadata"
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { InvalidTicket, InvitationNotPending } from "../../InvitationsControl.js"
import type { InvitationsControl } from "../../InvitationsControl.js"
import { Snapshot } from "../../Snapshot.js"
import * as AcceptLink from "./acceptLink.js"
import * as AddressIndex from "./addressIndex.js"
import * as ApiError from "./apiError.js"
import type { Ids } from "./ids.js"
import * as Ticket from "./ticket.js"
import * as Users from "./users.js"

/**
 * The invitations, users and e-mails of one application instance. Every method is synchronous, so each call is atomic.
 * `now` is in Unix milliseconds.
 */
export interface Store {
  readonly create: (request: CreateInvitation, now: number) => Either.Either<Invitation, ApiError.ApiError>
  readonly createBulk: (
    requests: ReadonlyArray<CreateInvitation>,
    now: number
  ) => Either.Either<ReadonlyArray<Invitation>, ApiError.ApiError>
  readonly list: (params: ListParams, now: number) => Either.Either<InvitationPage, ApiError.ApiError>
  readonly revoke: (id: string, now: number) => Either.Either<Invitation, ApiError.ApiError>
  readonly delete: (id: string) => Either.Either<DeletedInvitation, ApiError.ApiError>
  readonly accept: (id: string, now: number) => Either.Either<Invitation, InvitationNotPending>
  readonly expire: (id: string, now: number) => Either.Either<Invitation, InvitationNotPending>
  readonly seed: (seed: InvitationsControl.Seed, now: number) => Invitation
  /** Finds the pending invitation of a ticket. */
  readonly openTicket: (
    ticket: string,
    now: number
  ) => Either.Either<OpenedTicket, InvalidTicket | InvitationNotPending>
  readonly addUser: (emailAddress: string, now: number) => void
  readonly users: () => ReadonlyArray<InvitationsControl.User>
  /** Sets the addresses that may not be invited: addresses, and domains such as `*@example.com`. */
  readonly setBlocklist: (entries: Iterable<string>) => void
  /** The id that the tickets name. */
  readonly instanceId: () => string
  readonly all: (now: number) => ReadonlyArray<Invitation>
  /** The newest `limit` matching invitations, including revoked ones, newest first, and the number of each status. */
  readonly overview: (filter: Filter, limit: number, now: number) => Overview
  readonly outbox: () => ReadonlyArray<InvitationsControl.Email>
  /** Null if no invitation has the id. */
  readonly statusOf: (id: string, now: number) => InvitationStatus | null
  /** Until `until`, `list` returns the invitations of now. */
  readonly freezeReads: (now: number, until: number) => void
  readonly snapshot: () => Snapshot
  readonly restore: (snapshot: Snapshot) => void
  readonly reset: () => void
}

/**
 * The parameters of a list. With several statuses, an invitation matches if it has one of them.
 */
export interface ListParams extends Omit<ListInvitations, "status"> {
  readonly status?: InvitationStatus | ReadonlyArray<InvitationStatus> | undefined
}

/**
 * A pending invitation, and where its accept link leads.
 */
export interface OpenedTicket {
  readonly invitation: Invitation
  /** The `redirect_url` of the create. */
  readonly redirectUrl: string | undefined
  /** Whether the address belongs to a user. */
  readonly isUser: boolean
}

/**
 * Selects the invitations that match every given field.
 */
export interface Filter {
  readonly status?: InvitationStatus | undefined
  /** An id, or a part of an address. */
  readonly query?: string | undefined
}

export interface Overview {
  readonly counts: { readonly [status in InvitationStatus]: number }
  readonly matching: number
  readonly newest: ReadonlyArray<Invitation>
}

interface Row {
  readonly id: InvitationId
  readonly emailAddress: string
  /** The folded address, for comparisons. */
  readonly address: string
  readonly publicMetadata: Invitation["publicMetadata"]
  readonly status: "pending" | "accepted" | "revoked"
  readonly redirectUrl?: string | undefined
  readonly ticket: Redacted.Redacted
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number
}

type Email = Omit<InvitationsControl.Email, "url"> & { readonly ticket: Redacted.Redacted }

type Statuses = ReadonlyArray<readonly [row: Row, status: InvitationStatus]>

const day = 24 * 60 * 60 * 1000

const defaultExpiresInDays = 30

// Clerk's `expires_at` is this many milliseconds earlier than `created_at` plus the days.
const expiryOffset = 2

const defaultLimit = 10

// A copy through JSON: it has the values that HTTP would transfer, and later changes to the original do not affect it.
const copyOf = (metadata: Metadata.Input = {}): Metadata.Metadata => {
  const copy: unknown = JSON.parse(JSON.stringify(metadata))
  return Metadata.isMetadata(copy) ? copy : {}
}

const statusOf = (row: Row, now: number): InvitationStatus =>
  row.status === "pending" && row.expiresAt <= now ? "expired" : row.status

const compareWith = <A>(key: (row: Row) => A) => (self: Row, that: Row): number => {
  const [a, b] = [key(self), key(that)]
  return a < b ? -1 : a > b ? 1 : 0
}

const comparators = {
  created_at: compareWith((row) => row.createdAt),
  email_address: compareWith((row) => row.emailAddress),
  expires_at: compareWith((row) => row.expiresAt)
}

const isComparator = (field: string): field is keyof typeof comparators => field in comparators

// Rows with equal fields are in insertion order; a descending order reverses it too.
const sorted = (rows: ReadonlyArray<Row>, orderBy: OrderBy): ReadonlyArray<Row> => {
  const field = orderBy.replace(/^[+-]/, "")
  const ascending = [...rows].sort(comparators[isComparator(field) ? field : "created_at"])
  return orderBy.startsWith("-") ? ascending.reverse() : ascending
}

/**
 * Makes an empty store. The tickets of the accept links name the instance and are signed with the key; `baseUrl` is the
 * origin of the links.
 */
export const make = (
  { baseUrl, ids, instanceId: firstInstanceId, signingKey: firstKey }: {
    readonly ids: Pick<Ids, "invitation" | "user">
    readonly instanceId: string
    readonly signingKey: string
    readonly baseUrl: string
  }
): Store => {
  const rows = new Map<InvitationId, Row>()
  const pendingByAddress = new Map<string, Set<InvitationId>>()
  const addresses = AddressIndex.make<InvitationId>()
  const emails: Array<Email> = []
  let blocklist: ReadonlySet<string> = new Set()
  let version = 0
  let frozen: { readonly rows: ReadonlyArray<Row>; readonly until: number } | undefined
  let listing: { readonly key: string; readonly validUntil: number; readonly matches: Statuses } | undefined

  const users = Users.make(ids.user)
  let instanceId = firstInstanceId
  let signingKey = firstKey
  let tickets = Ticket.make(instanceId, signingKey)

  const linkOf = (ticket: Redacted.Redacted): Redacted.Redacted =>
    Redacted.make(AcceptLink.make(baseUrl, Redacted.value(ticket)))

  // As Clerk writes it: only a revoked invitation has `revoked`, and it has no accept link.
  const toInvitation = (row: Row, status: InvitationStatus): Invitation =>
    new Invitation({
      id: row.id,
      emailAddress: row.emailAddress,
      publicMetadata: row.publicMetadata,
      status,
      ...(status === "revoked" ?
        { revoked: true, url: Option.none() } :
        { url: Option.some(linkOf(row.ticket)) }),
      expiresAt: Option.some(DateTime.unsafeMake(row.expiresAt)),
      createdAt: DateTime.unsafeMake(row.createdAt),
      updatedAt: DateTime.unsafeMake(row.updatedAt)
    }, { disableValidation: true })

  const put = (row: Row): void => {
    version++
    rows.set(row.id, row)
    addresses.add(row.address, row.id)
    const pending = pendingByAddress.get(row.address) ?? new Set()
    if (row.status === "pending") pending.add(row.id)
    else pending.delete(row.id)
    if (pending.size > 0) pendingByAddress.set(row.address, pending)
    else pendingByAddress.delete(row.address)
  }

  const find = (id: string): Row | undefined => rows.get(InvitationId.make(id, { disableValidation: true }))

  const hasPending = (address: string, now: number): boolean => {
    for (const id of pendingByAddress.get(EmailAddress.fold(address)) ?? []) {
      const row = rows.get(id)
      if (row !== undefined && statusOf(row, now) === "pending") return true
    }
    return false
  }

  // A restored invitation may have the id: of sequential ids, or if an earlier run with the same random seed drew the same
  // prefix.
  const nextId = (): InvitationId => {
    let id = InvitationId.make(ids.invitation())
    while (rows.has(id)) id = InvitationId.make(ids.invitation())
    return id
  }

  const add = (
    { emailAddress, expiresInDays, publicMetadata, redirectUrl }: Omit<CreateInvitation, "templateSlug">,
    createdAt: number,
    status: Row["status"] = "pending"
  ): Row => {
    const id = nextId()
    const expiresAt = createdAt + (expiresInDays ?? defaultExpiresInDays) * day - expiryOffset
    const row: Row = {
      id,
      emailAddress,
      address: EmailAddress.fold(emailAddress),
      publicMetadata: copyOf(publicMetadata),
      status,
      redirectUrl,
      ticket: Redacted.make(tickets.sign({ id, createdAt, expiresAt })),
      createdAt,
      updatedAt: createdAt,
      expiresAt
    }
    put(row)
    return row
  }

  const invite = (request: CreateInvitation, now: number): Invitation => {
    const row = add(request, now)
    if (request.notify !== false) {
      emails.push({
        to: row.emailAddress,
        invitationId: row.id,
        templateSlug: request.templateSlug ?? "invitation",
        ticket: row.ticket,
        sentAt: DateTime.unsafeMake(now)
      })
    }
    return toInvitation(row, "pending")
  }

  const addressesWhere = (
    requests: ReadonlyArray<CreateInvitation>,
    predicate: (request: CreateInvitation, index: number) => boolean
  ): ReadonlyArray<string> => Array.from(new Set(requests.filter(predicate).map(({ emailAddress }) => emailAddress)))

  const isUser = ({ emailAddress }: CreateInvitation): boolean => users.has(emailAddress)

  const isBlocked = ({ emailAddress }: CreateInvitation): boolean => {
    const address = EmailAddress.fold(emailAddress)
    return blocklist.has(address) || blocklist.has(`*${address.slice(address.lastIndexOf("@"))}`)
  }

  const update = (row: Row, status: Row["status"], now: number): Invitation => {
    const updated = { ...row, status, updatedAt: now }
    put(updated)
    return toInvitation(updated, statusOf(updated, now))
  }

  const matches = (query: string | undefined): (row: Row) => boolean => {
    if (query === undefined) return () => true
    const folded = EmailAddress.fold(query)
    return (row) => row.id === query || row.address.includes(folded)
  }

  const clear = (): void => {
    version++
    rows.clear()
    pendingByAddress.clear()
    addresses.clear()
    users.clear()
    emails.length = 0
    frozen = undefined
  }

  /** The current rows that match the query, in insertion order. */
  const rowsOf = (query: string | undefined): ReadonlyArray<Row> => {
    const ids = query === undefined ? undefined : addresses.candidates(EmailAddress.fold(query))
    const found = ids === undefined ? Array.from(rows.values()) : Array.from(ids).flatMap((id) => rows.get(id) ?? [])
    return found.filter(matches(query))
  }

  const matching = ({ orderBy = "-created_at", query, status }: ListParams, now: number): Statuses => {
    const statuses = status === undefined ? undefined : new Set(Arr.ensure(status))
    if (frozen !== undefined && frozen.until <= now) frozen = undefined
    const source = frozen?.rows
    const key = JSON.stringify([orderBy, query, status, source === undefined ? version : -version])
    if (listing !== undefined && listing.key === key && now < listing.validUntil) return listing.matches
    let validUntil = frozen?.until ?? Infinity
    const found = sorted(
      (source?.filter(matches(query)) ?? rowsOf(query)).filter((row) => {
        const actual = statusOf(row, now)
        if (actual === "pending") validUntil = Math.min(validUntil, row.expiresAt)
        return statuses === undefined ? actual !== "revoked" : statuses.has(actual)
      }),
      orderBy
    ).map((row) => [row, statusOf(row, now)] as const)
    listing = { key, validUntil, matches: found }
    return found
  }

  const findPending = (id: string, now: number): Either.Either<Row, InvitationNotPending> => {
    const row = find(id)
    if (row === undefined) return Either.left(new InvitationNotPending({ id, reason: "missing" }))
    const status = statusOf(row, now)
    return status === "pending" ? Either.right(row) : Either.left(new InvitationNotPending({ id, reason: status }))
  }

  return {
    create: (request, now) => {
      if (isBlocked(request)) return Either.left(ApiError.notAllowed([request.emailAddress]))
      if (request.ignoreExisting !== true) {
        if (isUser(request)) return Either.left(ApiError.userExists)
        if (hasPending(request.emailAddress, now)) return Either.left(ApiError.duplicateRecord([request.emailAddress]))
      }
      return Either.right(invite(request, now))
    },
    createBulk: (requests, now) => {
      const blocked = addressesWhere(requests, isBlocked)
      if (blocked.length > 0) return Either.left(ApiError.notAllowed(blocked))
      // Unlike a single create, a bulk create checks this rule even with `ignoreExisting`.
      if (requests.some(isUser)) return Either.left(ApiError.userExists)
      const seen = new Set<string>()
      const duplicates = addressesWhere(requests, ({ emailAddress, ignoreExisting }) => {
        const address = EmailAddress.fold(emailAddress)
        const repeated = seen.has(address)
        seen.add(address)
        return ignoreExisting !== true && (repeated || hasPending(address, now))
      })
      return duplicates.length > 0
        ? Either.left(ApiError.duplicateRecord(duplicates))
        : Either.right(requests.map((request) => invite(request, now)))
    },
    list: (params, now) => {
      const found = matching(params, now)
      const offset = params.offset ?? 0
      return Either.right(
        new InvitationPage({
          data: found.slice(offset, offset + (params.limit ?? defaultLimit)).map(([row, status]) =>
            toInvitation(row, status)
          ),
          totalCount: found.length
        }, { disableValidation: true })
      )
    },
    revoke: (id, now) => {
      const row = find(id)
      if (row === undefined) return Either.left(ApiError.notFound(id))
      if (row.status === "revoked") return Either.left(ApiError.alreadyRevoked)
      if (row.status === "accepted") return Either.left(ApiError.alreadyAccepted)
      return Either.right(update(row, "revoked", now))
    },
    delete: (id) => {
      const row = find(id)
      if (row === undefined) return Either.left(ApiError.notFound(id))
      put({ ...row, status: "revoked" })
      rows.delete(row.id)
      addresses.remove(row.address, row.id)
      return Either.right(new DeletedInvitation({ id: row.id }))
    },
    accept: (id, now) =>
      Either.map(findPending(id, now), (row) => {
        users.add(row.emailAddress, row.publicMetadata, now)
        return update(row, "accepted", now)
      }),
    expire: (id, now) => Either.map(findPending(id, now), (row) => update({ ...row, expiresAt: now }, "pending", now)),
    openTicket: (ticket, now) =>
      Either.gen(function*() {
        const id = yield* Either.fromOption(tickets.verify(ticket), () => new InvalidTicket())
        const row = yield* findPending(id, now)
        return {
          invitation: toInvitation(row, "pending"),
          redirectUrl: row.redirectUrl,
          isUser: users.has(row.emailAddress)
        }
      }),
    seed: ({ createdAt, status = "pending", ...request }, now) => {
      const row = add(
        request,
        createdAt === undefined ? now : DateTime.toEpochMillis(createdAt),
        status === "expired" ? "pending" : status
      )
      if (status === "accepted") users.add(row.emailAddress, row.publicMetadata, row.createdAt)
      if (status === "expired") put({ ...row, expiresAt: Math.min(row.expiresAt, now) })
      const seeded = rows.get(row.id) ?? row
      return toInvitation(seeded, statusOf(seeded, now))
    },
    addUser: (emailAddress, now) => users.add(emailAddress, {}, now),
    users: users.all,
    setBlocklist: (entries) => {
      blocklist = new Set(Array.from(entries, EmailAddress.fold))
    },
    instanceId: () => instanceId,
    overview: ({ query, status }, limit, now) => {
      const counts = { pending: 0, accepted: 0, revoked: 0, expired: 0 }
      const found: Array<Row> = []
      const isMatch = matches(query)
      for (const row of rows.values()) {
        const actual = statusOf(row, now)
        counts[actual]++
        if ((status === undefined || actual === status) && isMatch(row)) found.push(row)
      }
      return {
        counts,
        matching: found.length,
        newest: found.slice(-limit).reverse().map((row) => toInvitation(row, statusOf(row, now)))
      }
    },
    all: (now) => Array.from(rows.values(), (row) => toInvitation(row, statusOf(row, now))),
    outbox: () => emails.map(({ ticket, ...email }) => ({ ...email, url: linkOf(ticket) })),
    statusOf: (id, now) => {
      const row = find(id)
      return row === undefined ? null : statusOf(row, now)
    },
    freezeReads: (now, until) => {
      frozen = { rows: Array.from(rows.values()), until }
      listing = undefined
    },
    snapshot: () =>
      new Snapshot({
        instanceId,
        signingKey: Redacted.make(signingKey),
        invitations: Array.from(rows.values(), ({ address: _, redirectUrl, ...row }) => ({
          ...row,
          ...(redirectUrl === undefined ? {} : { redirectUrl }),
          createdAt: DateTime.unsafeMake(row.createdAt),
          updatedAt: DateTime.unsafeMake(row.updatedAt),
          expiresAt: DateTime.unsafeMake(row.expiresAt)
        })),
        users: users.all(),
        emails: [...emails]
      }),
    restore: (snapshot) => {
      clear()
      instanceId = snapshot.instanceId
      signingKey = Redacted.value(snapshot.signingKey)
      tickets = Ticket.make(instanceId, signingKey)
      for (const invitation of snapshot.invitations) {
        put({
          ...invitation,
          address: EmailAddress.fold(invitation.emailAddress),
          publicMetadata: copyOf(invitation.publicMetadata),
          createdAt: DateTime.toEpochMillis(invitation.createdAt),
          updatedAt: DateTime.toEpochMillis(invitation.updatedAt),
          expiresAt: DateTime.toEpochMillis(invitation.expiresAt)
        })
      }
      for (const user of snapshot.users) users.restore(user)
      for (const email of snapshot.emails) emails.push(email)
    },
    reset: clear
  }
}
