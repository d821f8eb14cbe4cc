import type { KnockContent, KnockLanguage } from '../core/knock.ts'

/** What is said of an errand where no model finds words for it. */
export function plainErrand({ text, at, language }: KnockContent, zone: string, late: boolean): string {
  const { locale, words, came } = languages[language]
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short', timeZone: zone })
  return late ? `${words(text)}${came(time.format(at))}` : words(text)
}

const languages: Readonly<
  Record<
    KnockLanguage,
    {
      readonly locale: string
      readonly words: (text: string) => string
      readonly came: (time: string) => string
    }
  >
> = {
  en: {
    locale: 'en-GB',
    words: (text) => `You asked me to remind you: ${text}`,
    came: (time) => `\n(This comes late. It was for ${time}.)`,
  },
  de: {
    locale: 'de-DE',
    words: (text) => `Ich sollte dich erinnern: ${text}`,
    came: (time) => `\n(Das kommt zu spät. Es war für ${time}.)`,
  },
}
