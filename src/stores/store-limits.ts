/** Limits that every adapter keeps alike, so that the same server behaves the same over each of them. */

/**
 * How long the duplicate keys of a delivered, displayed or rejected message are remembered after its end, and so at least
 * as long after its acceptance (contract section 4, "at least 24 h").
 */
export const duplicateMemoryMs = 24 * 60 * 60 * 1000;

/** Steps in the timeline of one message. At the limit the newest is left out; the step that ends it always has room. */
export const stepsMax = 200;

/** Finished messages that one call of `sweep` looks at, for each of its reasons. */
export const sweepRowsMax = 500;

/** Changes that have been acted upon and stay in the journal all the same, for a second reader that is a little late. */
export const actedChangesMax = 1000;
