import { readFile } from 'node:fs/promises'

/** A page of docs/, its tables without the padding that a formatter gives them. */
export async function readPage(name: string): Promise<string> {
  const page = await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
  return page.replace(/^\|.*$/gm, (row) => row.replace(/ +\|/g, ' |').replace(/\| +/g, '| '))
}
