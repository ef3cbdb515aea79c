/**
 * How likely it is by mere chance: of `all` builds `marked` are marked; `drawn` of them are taken blindly, and at least
 * `hits` of those are marked. (The upper tail of the hypergeometric distribution, so Fisher's exact test of one side.)
 */
export function oddsOfAtLeast(hits: number, { all, marked, drawn }: { all: number; marked: number; drawn: number }) {
  let odds = 0
  for (let count = hits; count <= Math.min(marked, drawn); count++)
    odds += Math.exp(logChoose(marked, count) + logChoose(all - marked, drawn - count) - logChoose(all, drawn))
  return Math.min(1, odds)
}

function logChoose(all: number, drawn: number): number {
  if (drawn < 0 || drawn > all) return Number.NEGATIVE_INFINITY
  let sum = 0
  for (let i = 1; i <= drawn; i++) sum += Math.log(all - drawn + i) - Math.log(i)
  return sum
}
