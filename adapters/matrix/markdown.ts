import MarkdownIt from 'markdown-it'
import sanitize from 'sanitize-html'

/** What people and models write in chats: line ends count, and HTML in it is text. */
const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true })
// Nothing is loaded from anywhere because a model wrote its address.
markdown.disable('image')

/** What the Matrix specification lets stand in `formatted_body`, as far as Markdown makes it. */
const allowed: sanitize.IOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code'],
    ...['ul', 'ol', 'li', 'strong', 'em', 'del', 's', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  allowedAttributes: { a: ['href'], ol: ['start'], code: ['class'] },
  allowedClasses: { code: ['language-*'] },
  allowedSchemes: ['https', 'http', 'mailto', 'matrix'],
  disallowedTagsMode: 'discard',
  transformTags: { s: 'del' },
}

/** Sanitised HTML; undefined where it would say no more than the text. */
export function toHtml(text: string): string | undefined {
  const html = sanitize(markdown.render(text), allowed).trim()
  const single = /^<p>([^<]*)<\/p>$/.exec(html)
  return single === null ? html : undefined
}
