/**
 * The commands of a shell script, as far as needed to find image builds and their options: words with quotes taken off,
 * variables and `${{ … }}` kept as written. Not a shell: what it does not know it passes over, and it never fails.
 */
export type Command = { words: Word[] }
/** `open`: holds a variable outside of quotes, which may be several words, or none, when it is run. */
export type Word = { text: string; offset: number; open: boolean }

export function readCommands(script: string): Command[] {
  const reader: Reader = { script, at: 0, commands: [], words: [], heredocs: [] }
  while (reader.at < script.length) readNext(reader)
  endCommand(reader)
  return reader.commands
}

type Reader = { script: string; at: number; commands: Command[]; words: Word[]; heredocs: string[] }

function readNext(reader: Reader): void {
  const { script, at } = reader
  const rest = script[at] ?? ''
  if (continues(script, at)) reader.at = script.indexOf('\n', at) + 1
  else if (rest === '\n') endLine(reader)
  else if (/\s/.test(rest)) reader.at++
  else if (rest === '#') reader.at = endOfLine(script, at)
  else if (script.startsWith('<<', at) && script[at + 2] !== '<') readHeredocName(reader)
  else if (/^\d?[<>]/.test(script.slice(at, at + 2)) || script.startsWith('&>', at)) skipRedirection(reader)
  else if (/[;&|()]/.test(rest)) {
    endCommand(reader)
    reader.at++
  } else readWord(reader)
}

/** A backslash at the end of a line; in PowerShell, a backtick. */
function continues(script: string, at: number): boolean {
  return /^[\\`][ \t]*\r?\n/.test(script.slice(at, at + 20))
}

function endCommand(reader: Reader): void {
  if (reader.words.length > 0) reader.commands.push({ words: reader.words })
  reader.words = []
}

/** The bodies of heredocs begin in the next line; they are text, not commands. */
function endLine(reader: Reader): void {
  endCommand(reader)
  reader.at++
  for (const name of reader.heredocs) {
    while (reader.at < reader.script.length) {
      const end = endOfLine(reader.script, reader.at)
      const line = reader.script.slice(reader.at, end)
      reader.at = end + 1
      if (line.trim() === name) break
    }
  }
  reader.heredocs = []
}

function readHeredocName(reader: Reader): void {
  const found = /^<<-?[ \t]*(['"]?)([\w.-]+)\1/.exec(reader.script.slice(reader.at, reader.at + 80))
  if (found?.[2]) reader.heredocs.push(found[2])
  reader.at += found?.[0].length ?? 2
}

/** `> file`, `2>&1`, `&> file`: neither the sign nor its file is a word of the command. */
function skipRedirection(reader: Reader): void {
  reader.at += /^(?:&>>?|\d?(?:<<<|>>?|<)&?[-\d]?)/.exec(reader.script.slice(reader.at, reader.at + 5))?.[0].length ?? 1
  const kept = reader.words
  reader.words = []
  if (
    !/^\s*(?:[;&|)\n]|$)/.test(reader.script.slice(reader.at, reader.at + 3)) &&
    reader.script[reader.at - 1]?.match(/[<>]/)
  ) {
    while (/[ \t]/.test(reader.script[reader.at] ?? '')) reader.at++
    if (reader.at < reader.script.length) readWord(reader)
  }
  reader.words = kept
}

function readWord(reader: Reader): void {
  const { script, at: offset } = reader
  const word: Word = { text: '', offset, open: false }
  while (reader.at < script.length && !/[\s;&|()<>]/.test(script[reader.at] ?? '')) readPart(reader, word)
  // A bracket that nothing above takes must not stop the reading.
  if (reader.at === offset) reader.at++
  reader.words.push(word)
}

function readPart(reader: Reader, word: Word): void {
  const { script, at } = reader
  const sign = script[at]
  if (sign === "'") {
    const end = indexOr(script, "'", at + 1)
    word.text += script.slice(at + 1, end)
    reader.at = end + 1
  } else if (sign === '"') readDoubleQuotes(reader, word)
  else if (sign === '\\') {
    if (!/^\\[ \t]*\r?\n/.test(script.slice(at, at + 20))) word.text += script[at + 1] ?? ''
    reader.at = /^\\[ \t]*\r?\n/.test(script.slice(at, at + 20)) ? script.indexOf('\n', at) + 1 : at + 2
  } else if (sign === '$' || sign === '`') {
    word.open = true
    readVariable(reader, word)
  } else {
    word.text += sign
    reader.at++
  }
}

function readDoubleQuotes(reader: Reader, word: Word): void {
  const { script } = reader
  reader.at++
  while (reader.at < script.length && script[reader.at] !== '"') {
    if (script[reader.at] === '$' || script[reader.at] === '`') {
      // "${args[@]}" is as many words as the array has.
      if (/^\$\{\w+\[@\]|^\$@/.test(script.slice(reader.at, reader.at + 60))) word.open = true
      readVariable(reader, word)
      continue
    }
    if (script[reader.at] === '\\') reader.at++
    word.text += script[reader.at] === '\n' && script[reader.at - 1] === '\\' ? '' : (script[reader.at] ?? '')
    reader.at++
  }
  reader.at++
}

/** `$X`, `${X}`, `${{ expression }}`, `$(command)`, `` `command` ``: kept as written; commands inside are read too. */
function readVariable(reader: Reader, word: Word): void {
  const { script, at } = reader
  const end = endOfVariable(script, at)
  const written = script.slice(at, end)
  word.text += written
  reader.at = end
  const inner = /^\$\(([^(].*)\)$/s.exec(written)?.[1] ?? /^`(.*)`$/s.exec(written)?.[1]
  if (inner === undefined) return
  const shift = at + (written.startsWith('`') ? 1 : 2)
  for (const { words } of depthOf(inner) > 20 ? [] : readCommands(inner)) {
    reader.commands.push({ words: words.map((found) => ({ ...found, offset: found.offset + shift })) })
  }
}

function endOfVariable(script: string, at: number): number {
  if (script.startsWith('${{', at)) return indexOr(script, '}}', at + 3) + 2
  if (script.startsWith('${', at)) return indexOr(script, '}', at + 2) + 1
  if (script[at] === '`') return indexOr(script, '`', at + 1) + 1
  if (!script.startsWith('$(', at))
    return at + (/^\$(?:\w+|[@*#?!$-])?/.exec(script.slice(at, at + 100))?.[0].length ?? 1)
  let depth = 0
  for (let index = at + 1; index < script.length; index++) {
    if (script[index] === '(') depth++
    if (script[index] === ')' && --depth === 0) return index + 1
  }
  return script.length
}

function depthOf(text: string): number {
  return text.split('$(').length
}

function indexOr(script: string, sign: string, from: number): number {
  const index = script.indexOf(sign, from)
  return index < 0 ? script.length : index
}

function endOfLine(script: string, at: number): number {
  return indexOr(script, '\n', at)
}
