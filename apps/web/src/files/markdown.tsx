import type { ComponentChildren } from 'preact'

/** One block of a Markdown text. */
type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote' | 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly string[] }

const HEADINGS = ['h2', 'h3', 'h4', 'h5', 'h6', 'h6'] as const
const FENCE = /^\s*(```|~~~)/
const ITEM = /^\s*(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/
/** Code, a bold or slanted piece, a link to the web. Everything else is text: no HTML, no picture, no other address. */
const INLINE =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<![\w*])[*_]([^*_\n]+)[*_](?![\w*])|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/g

/** Markdown as elements of the page. Nothing of it becomes HTML text, so nothing of it can run. */
export const Markdown = ({ text }: { readonly text: string }) => <>{blocksOf(text).map(drawn)}</>

/** The blocks that a person reads by; rarer forms stay as they were written. */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? ''
    const take = (belongs: (line: string) => boolean): readonly string[] => {
      const from = at
      while (at < lines.length && belongs(lines[at] ?? '')) at += 1
      return lines.slice(from, at)
    }
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line)
    if (line.trim() === '') at += 1
    else if (heading !== null) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' })
      at += 1
    } else if (FENCE.test(line)) {
      at += 1
      blocks.push({ kind: 'code', text: take((each) => !FENCE.test(each)).join('\n') })
      at += 1
    } else if (line.startsWith('>'))
      blocks.push({
        kind: 'quote',
        text: take((each) => each.startsWith('>'))
          .map((each) => each.replace(/^>\s?/, ''))
          .join('\n'),
      })
    else if (ITEM.test(line)) {
      const items = take((each) => ITEM.test(each)).map((each) => ITEM.exec(each)?.[2] ?? '')
      blocks.push({ kind: 'list', ordered: ITEM.exec(line)?.[1] !== undefined, items })
    } else {
      const plain = (each: string) =>
        each.trim() !== '' && !/^(#{1,6}\s|>)/.test(each) && !FENCE.test(each) && !ITEM.test(each)
      const taken = take(plain)
      // A line that begins like another block and is none is a paragraph of its own.
      if (taken.length === 0) at += 1
      blocks.push({ kind: 'paragraph', text: taken.length === 0 ? line : taken.join('\n') })
    }
  }
  return blocks
}

function drawn(block: Block, key: number): ComponentChildren {
  switch (block.kind) {
    case 'heading': {
      // The page's own heading is the name of the file.
      const Heading = HEADINGS[block.level - 1] ?? 'h6'
      return <Heading key={key}>{inline(block.text)}</Heading>
    }
    case 'code':
      return (
        <pre key={key} class="out" tabIndex={0}>
          {block.text}
        </pre>
      )
    case 'quote':
      return <blockquote key={key}>{inline(block.text)}</blockquote>
    case 'paragraph':
      return <p key={key}>{inline(block.text)}</p>
    case 'list': {
      const items = block.items.map((item, at) => <li key={at}>{inline(item)}</li>)
      return block.ordered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>
    }
  }
}

function inline(text: string): ComponentChildren {
  const pieces: ComponentChildren[] = []
  let at = 0
  for (const match of text.matchAll(INLINE)) {
    const [all, code, bold, slanted, label, address] = match
    pieces.push(text.slice(at, match.index))
    if (code !== undefined) pieces.push(<code>{code}</code>)
    else if (bold !== undefined) pieces.push(<b>{bold}</b>)
    else if (slanted !== undefined) pieces.push(<i>{slanted}</i>)
    else if (address !== undefined)
      pieces.push(
        <a href={address} target="_blank" rel="noopener noreferrer">
          {label}
        </a>,
      )
    at = match.index + all.length
  }
  return [...pieces, text.slice(at)]
}
