/**
 * What an id may look like: nothing that would change the URL it stands in.
 */
export const idPattern = /^[A-Za-z0-9_-]{1,255}$/
