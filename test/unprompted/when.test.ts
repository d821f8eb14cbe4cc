import { describe, expect, it } from 'vitest'
import { answerErrand, findErrand, readErrand } from '../../src/unprompted/errand.ts'
import { clockOf, localTime } from '../../src/unprompted/zone.ts'

const zone = 'Europe/Vienna'
/** A Wednesday, noon. */
const wednesday = { now: new Date('2026-03-04T11:00:00Z'), zone, hours: '08:00-22:00' }
const shown = (at: Date) => {
  const { day, minutes } = localTime(at, zone)
  return `${day.year}-${String(day.month).padStart(2, '0')}-${String(day.day).padStart(2, '0')} ${clockOf(minutes)}`
}
const told = (text: string, context = wednesday) => {
  const errand = readErrand(text, context)
  return errand.when.kind === 'at' ? shown(errand.when.at) : errand.when.why
}

describe('a time that is said in words', () => {
  it.each([
    ['tomorrow after work', '2026-03-05 18:00'],
    ['in two hours', '2026-03-04 14:00'],
    ['in half an hour', '2026-03-04 12:30'],
    ['in an hour and a half', '2026-03-04 13:30'],
    ['in 20 minutes', '2026-03-04 12:20'],
    ['in 120 seconds', '2026-03-04 12:02'],
    ['in 90 Sekunden', '2026-03-04 12:01'],
    ['tonight', '2026-03-04 20:00'],
    ['tonight at 9', '2026-03-04 21:00'],
    ['this afternoon', '2026-03-04 15:00'],
    ['tomorrow', '2026-03-05 09:00'],
    ['tomorrow at 9', '2026-03-05 09:00'],
    ['tomorrow at nine', '2026-03-05 09:00'],
    ['tomorrow evening at 9', '2026-03-05 21:00'],
    ['tomorrow at half past nine', '2026-03-05 09:30'],
    ['the day after tomorrow at 5pm', '2026-03-06 17:00'],
    ['on the 3rd', '2026-04-03 09:00'],
    ['on the 31st at 18:00', '2026-03-31 18:00'],
    ['on friday at 9', '2026-03-06 09:00'],
    ['friday at 9', '2026-03-06 09:00'],
    ['next tuesday at 9', '2026-03-10 09:00'],
    ['on 3 May 2026 at 10:15', '2026-05-03 10:15'],
    ['on May 3rd', '2026-05-03 09:00'],
    ['in three days', '2026-03-07 09:00'],
    ['at 18:00', '2026-03-04 18:00'],
    ['at 09:00', '2026-03-05 09:00'],
    ['at noon tomorrow', '2026-03-05 12:00'],
    ['at quarter to nine tomorrow', '2026-03-05 08:45'],
    ['morgen nach der Arbeit', '2026-03-05 18:00'],
    ['in zwei Stunden', '2026-03-04 14:00'],
    ['in einer halben Stunde', '2026-03-04 12:30'],
    ['in anderthalb Stunden', '2026-03-04 13:30'],
    ['heute Abend', '2026-03-04 20:00'],
    ['heute Abend um neun', '2026-03-04 21:00'],
    ['morgen früh', '2026-03-05 09:00'],
    ['morgen um halb neun', '2026-03-05 08:30'],
    ['übermorgen um 17 Uhr 30', '2026-03-06 17:30'],
    ['am Freitag um 9 Uhr', '2026-03-06 09:00'],
    ['am 3.', '2026-04-03 09:00'],
    ['am 3. Mai um 10 Uhr', '2026-05-03 10:00'],
    ['in drei Tagen', '2026-03-07 09:00'],
  ])('"%s" is %s', (text, at) => {
    expect(told(text)).toBe(at)
  })

  it.each([
    ['next friday at 9', 'day'],
    ['nächsten Freitag', 'day'],
    ['on wednesday at 18:00', 'day'],
    ['in two months', 'day'],
    ['until friday', 'day'],
    ['tomorrow at 7', 'hour'],
    ['at 9', 'hour'],
    ['at 11:00', 'hour'],
    ['today', 'hour'],
    ['tonight at 3', 'hour'],
    ['this morning', 'past'],
    ['today at 09:00', 'past'],
    ['in 0 minutes', 'past'],
    ['tomorrow or on friday', 'several'],
    ['at 9 or at 10:00 tomorrow', 'several'],
    ['every day at 9', 'repeats'],
    ['jeden Tag um 9 Uhr', 'repeats'],
    ['some time', 'none'],
    ['soon', 'none'],
  ])('"%s" is asked about: %s', (text, why) => {
    expect(told(text)).toBe(why)
  })

  it.each([
    'tomorrow at 25:00',
    'at 24:30',
    'at 18:75',
    'in an hour and 20 minutes',
    'in 1 hour 30 minutes',
    '10 minutes before 5 pm',
    'before friday',
    'tomorrow between 3 and 4 pm',
    'tomorrow from 9 to 10 am',
    'a week from tomorrow',
    'tuesday week at 10',
    'tomorrow at ten to nine',
    'tomorrow at ten past nine',
    'tomorrow morning at half 9',
    'in einer Stunde und 20 Minuten',
    'um 10 vor 8 abends',
    'morgen kurz vor 10 Uhr',
    'morgen zwischen 15 und 16 Uhr',
    'eine Stunde vor Mitternacht',
    'vor Freitag',
  ])('"%s" says more than is understood, and is asked about', (text) => {
    for (const errand of [text, `${text} to run`, `to run ${text}`, `${text} an die Wäsche`])
      expect(told(errand), errand).not.toMatch(/^\d/)
  })

  it('is never one that the clocks skip, and the first of two', () => {
    const eve = { ...wednesday, now: new Date('2026-03-28T11:00:00Z') }
    expect(told('tomorrow at 02:30', eve)).toBe('skipped')
    expect(told('tomorrow at 03:00', eve)).toBe('2026-03-29 03:00')
    expect(told('in 20 hours', eve)).toBe('2026-03-29 09:00')
    const autumn = { ...wednesday, now: new Date('2026-10-24T10:00:00Z') }
    expect(readErrand('tomorrow at 02:30', autumn).when).toEqual({
      kind: 'at',
      at: new Date('2026-10-25T00:30:00Z'),
    })
  })
})

describe('somebody who asks to be reminded', () => {
  const found = (text: string) => {
    const errand = findErrand(text, wednesday)
    return errand && [errand.text, errand.when.kind === 'at' ? shown(errand.when.at) : errand.when.why]
  }
  it.each([
    ['Remind me tomorrow after work to call mum.', 'call mum', '2026-03-05 18:00'],
    ['Hi! Can you remind me to call mum tomorrow after work?', 'call mum', '2026-03-05 18:00'],
    ['Remind me at quarter to nine tomorrow to leave', 'leave', '2026-03-05 08:45'],
    [
      'please remind me on friday at 9 about the ticket for Sunday',
      'the ticket for Sunday',
      '2026-03-06 09:00',
    ],
    ['Wren, remind me in 20 minutes that the oven is on', 'the oven is on', '2026-03-04 12:20'],
    ['Remind me to call mum.', 'call mum', 'none'],
    ['Remind me tomorrow: call Bob about the car.', 'call Bob about the car', '2026-03-05 09:00'],
    ['Remind me at 18:00, I have to go.', 'I have to go', '2026-03-04 18:00'],
    ['Remind me tomorrow at 18:00 to take 2 tablets.', 'take 2 tablets', '2026-03-05 18:00'],
    ['Remind me tomorrow to call mum at 6 pm.', 'call mum at 6 pm', 'hour'],
    ['Remind me tomorrow at 25:00 to sleep.', 'sleep', 'none'],
    ["Don't let me forget to call mum tomorrow.", 'call mum', '2026-03-05 09:00'],
    [
      'Kannst du mich daran erinnern, morgen um 10 Uhr Milch zu kaufen?',
      'Milch zu kaufen',
      '2026-03-05 10:00',
    ],
    [
      'Kannst du mich morgen früh erinnern, den Müll rauszubringen?',
      'den Müll rauszubringen',
      '2026-03-05 09:00',
    ],
    ['Erinnere mich morgen nach der Arbeit daran, Mama anzurufen.', 'Mama anzurufen', '2026-03-05 18:00'],
    ['Kannst du mich am Freitag um 9 Uhr an den Zahnarzt erinnern?', 'den Zahnarzt', '2026-03-06 09:00'],
    ['Erinner mich bitte in zwei Stunden an die Wäsche', 'die Wäsche', '2026-03-04 14:00'],
  ])('"%s"', (text, what, when) => {
    expect(found(text)).toEqual([what, when])
  })

  it('is understood to the end of the sentence', () => {
    expect(found('Hallo. Erinnere mich am 3. Mai um 10 Uhr an den Arzt. Ich freue mich.')).toEqual([
      'den Arzt',
      '2026-05-03 10:00',
    ])
    expect(found('Remind me tomorrow at 5 p.m. to leave. Thanks!')).toEqual(['leave', '2026-03-05 17:00'])
  })

  it.each([
    'You remind me of my aunt.',
    'That reminds me, I was at the sea yesterday.',
    'Remind me why I married him.',
    'Remind me what you said.',
    'Remind me again what your name is.',
    'Remind me, who are you?',
    'Can you remind me whether I told you that?',
    "Don't let me forget you.",
    'Erinnere mich nicht daran.',
    'Erinner mich daran, wie schön es war.',
    'She asked me to remind her tomorrow.',
    'Erinnerst du dich an gestern?',
  ])('"%s" asks for nothing', (text) => {
    expect(found(text)).toBeUndefined()
  })

  it('is refused as fast however many are greeted first', () => {
    expect(found(`${'hey, '.repeat(70)}remind`)).toBeUndefined()
  })

  it.each([
    ['Remind me tomorrow at 7 to run.', 'in the evening', '2026-03-05 19:00'],
    ['Remind me tomorrow at 7 to run.', 'At 19:00, please.', '2026-03-05 19:00'],
    ['Remind me to run.', 'tomorrow after work', '2026-03-05 18:00'],
    ['Remind me next friday at 10 to run.', 'the 13 March', '2026-03-13 10:00'],
    ['Erinnere mich an die Wäsche.', 'Heute Abend um acht.', '2026-03-04 20:00'],
  ])('"%s", and when they were asked for when: "%s"', (text, answer, at) => {
    const before = findErrand(text, wednesday)
    const errand = before && answerErrand(answer, before, wednesday)
    expect(errand?.when.kind === 'at' && shown(errand.when.at)).toBe(at)
  })

  it('an answer that says more than a time is not clear, and one without a time is none', () => {
    const before = findErrand('Remind me to run.', wednesday)
    expect(before && answerErrand('I was there yesterday evening.', before, wednesday)).toEqual(before)
    expect(before && answerErrand('Never mind.', before, wednesday)).toBeUndefined()
  })
})
