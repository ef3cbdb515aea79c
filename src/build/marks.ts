/**
 * What the lines that mean something to a dialect look like, so that `skim.ts` can pass over all others without reading
 * them. Every line to which a dialect reacts, other than by taking it for more output of what is talking, must bear one
 * of its marks: `begins` (exact, after leading blanks) or `contains` (ASCII, without case). More marks than needed cost
 * time only; a mark that is missing makes skimmed logs read differently, and test/diagnosis/skim.test.ts find it.
 *
 * Not listed, for no such line is ever passed over: one that begins with `#` (but more output of the vertex that talks),
 * with a time, or with an odd blank or bar; one that ends with `:` and a number; a digest alone; blank ones.
 */
export type Marks = { begins: readonly string[]; contains: readonly string[] }
