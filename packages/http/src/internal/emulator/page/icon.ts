/**
 * Generated from packages/http/page/icon.svg by embed.ts: do not edit.
 */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect x="2" y="6" width="28" height="20" rx="4" fill="#5b4fd6"/>
  <path d="M6 11l10 8 10-8" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/>
</svg>
`
