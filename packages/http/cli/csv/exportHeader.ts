/**
 * The columns of `export --format csv`, which `invite` recognizes; with `--show-url`, the column `url` follows.
 */
export const exportHeader: ReadonlyArray<string> = [
  "id",
  "email_address",
  "status",
  "created_at",
  "updated_at",
  "expires_at",
  "public_metadata"
]
