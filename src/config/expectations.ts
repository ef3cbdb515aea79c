/** What belongs under a key of the configuration file, by its path without the places in lists: `watch.branches`. */
export type Expectations = Record<string, { expected: string; example: string }>
