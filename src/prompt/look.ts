/** Small letters of other alphabets, and signs, that are taken for Latin letters: those of every second place for the one behind them. */
const lookalikes = 'аaеeоoсcрpхxуyіiѕsјjһhԁdӏlкkмmнhтtвbαaεeοoρpχxγyιiνvκkτtηnυuβbοoսuոnցgօoıi0o1l|l$s5s'

const latin: ReadonlyMap<string, string> = new Map(
  [...lookalikes].flatMap((sign, index, all) => (index % 2 === 0 ? [[sign, all[index + 1] ?? sign]] : [])),
)

/** How a name looks: the same for two that a reader takes for one. Capital i and small L look alike too. */
export function lookOf(name: string): string {
  const signs = [...name.normalize('NFKD').toLowerCase()].filter((sign) => !/[\p{M}\p{Z}\p{C}\s]/u.test(sign))
  return signs
    .map((sign) => latin.get(sign) ?? sign)
    .join('')
    .replaceAll('l', 'i')
}

/** Where a conversation is told a colon ends a name, a new line begins what somebody else says, and a number in brackets tells two apart. */
export const plainName = (name: string): string =>
  name.replace(/[\s:\uff1a\ufe13\ufe55\ua789()[\]<>]+/gu, ' ').trim() || 'somebody'
