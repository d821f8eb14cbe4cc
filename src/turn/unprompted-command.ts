import type { CommandEvent } from '../core/events.ts'
import type { PersonaId } from '../core/ids.ts'
import type { HeardPlace, KnockPlace, Terms } from '../core/knock.ts'
import type { OwnMemory, Receipt } from '../core/memory.ts'
import type { Persona } from '../core/persona.ts'
import { quietHoursPattern } from '../core/quiet-hours.ts'
import type { Doorway } from '../core/store.ts'
import { cleanText } from '../core/text.ts'
import { does, doesFirst } from '../unprompted/does.ts'
import { readErrand } from '../unprompted/errand.ts'
import { hoursOf, isWithin, nextMorning } from '../unprompted/permit.ts'
import { clockOf, findZone, minutesOf } from '../unprompted/zone.ts'
import { numbersIn } from './memory-words.ts'
import { type PlanTools, planErrand, zoneOf } from './plan-errand.ts'
import {
  cancelledText,
  doneText,
  droppedText,
  onlyHere,
  planSentence,
  standText,
  unpromptedUsage,
} from './unprompted-words.ts'

export interface UnpromptedCommandTools extends PlanTools {
  readonly own: OwnMemory
  readonly personas: ReadonlyMap<PersonaId, Persona>
  readonly now: () => Date
}

/** More than that nobody wants, who means what they say. */
const limitMost = 20

/** What a command works with. */
interface Scene {
  readonly place: HeardPlace
  readonly persona: Persona
  readonly zone: string
  readonly rest: string
  readonly tools: UnpromptedCommandTools
  /** With which a change is written down, so that it is done once. */
  readonly receipt: Receipt<unknown> | undefined
}

/** Carries out `unprompted …`: what whoever gave it is told. Throws `HearthError`. */
export async function unpromptedCommand(
  event: CommandEvent,
  doorway: Doorway,
  tools: UnpromptedCommandTools,
): Promise<string> {
  const persona = tools.personas.get(doorway.persona)
  if (persona === undefined) return 'Nobody speaks here.'
  if (event.room.kind === 'group') return onlyHere
  const place = await tools.book.find(doorway, event)
  const { room } = place
  const { externalId: command } = event
  const before = command === undefined ? undefined : await tools.own.readTold({ room, command })
  if (before !== undefined) return before
  const [, part = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(cleanText(event.text ?? '').trim()) ?? []
  return await carryOut(part.toLowerCase() || 'show', {
    place,
    persona,
    zone: zoneOf(place, tools),
    rest,
    tools,
    // What is told the first time may say where they are, and this is kept unsealed.
    receipt: command === undefined ? undefined : { room, command, tell: () => doneText },
  })
}

async function carryOut(part: string, scene: Scene): Promise<string> {
  const { place, persona, zone, rest, tools, receipt } = scene
  const { book } = tools
  switch (part) {
    case 'show':
      return await show(scene)
    case 'on':
      if (doesFirst(persona).length === 0) return planSentence({ kind: 'not-here' })
      await book.setOn(place, true, receipt)
      return await show({ ...scene, place: { ...place, on: true } })
    case 'off':
      return droppedText(await book.setOn(place, false, receipt))
    case 'remind': {
      const errand = readErrand(rest.replace(/^me\s+/i, ''), {
        now: tools.now(),
        zone,
        hours: place.terms.hours,
      })
      return planSentence(await planErrand(errand, place, persona, tools, undefined, receipt))
    }
    case 'cancel':
      return cancelledText(await book.cancel(place, numbersIn(rest), receipt))
    case 'morning':
      return await setMorning(scene)
    case 'hours':
      return await setHours(scene)
    case 'limit':
      return await setLimit(scene)
    case 'zone':
      return await setZone(scene)
    default:
      return unpromptedUsage
  }
}

async function show({ place, persona, zone, tools }: Scene): Promise<string> {
  const all = await tools.book.list(place.person)
  const here = all.filter((each) => each.room === place.room.id && each.persona === place.persona)
  return standText(place.on, place.terms, zone, doesFirst(persona), here)
}

/** Each day at that time. */
async function setMorning({ place, persona, zone, rest, tools, receipt }: Scene): Promise<string> {
  const { book } = tools
  if (rest.toLowerCase() === 'off') {
    const numbers = (await mornings(place, tools)).map(({ number }) => number)
    await book.cancel(place, numbers, receipt)
    return 'No good morning any more.'
  }
  const minutes = minutesOf(rest)
  if (minutes === undefined) return 'Say when, or off: unprompted morning 07:30.'
  if (!place.on) return planSentence({ kind: 'off' })
  if (!does(persona, 'morning'))
    return `${persona.name} does not say good morning by itself: ${doesFirst(persona).join(', ') || 'nothing'} is what it does.`
  if (!isWithin(minutes, place.terms.hours))
    return `That is not within the hours in which I may write to you, ${place.terms.hours}. unprompted hours changes them.`
  const clock = clockOf(minutes)
  const at = nextMorning(clock, { now: tools.now(), zone })
  const content = { text: clock, at, language: 'en' } as const
  await book.add(place, { kind: 'morning', dueAt: at, content }, receipt)
  return `I say good morning at ${clock} (${zone}), each day from the next one on. unprompted morning off ends that.`
}

const mornings = async ({ person, room, persona }: KnockPlace, { book }: PlanTools) =>
  (await book.list(person)).filter(
    (each) => each.kind === 'morning' && each.room === room.id && each.persona === persona,
  )

async function setHours(scene: Scene): Promise<string> {
  const hours = scene.rest.replace(/\s*(?:-|–|to|bis)\s*/i, '-').replace(/(^|-)(\d):/g, '$10$2:')
  const [from, to] = hoursOf(hours)
  if (!quietHoursPattern.test(hours) || from === to)
    return 'Say from when to when: unprompted hours 08:00-22:00.'
  const text = `I write to you first only between ${hours.replace('-', ' and ')} (${scene.zone}).`
  const told = await setTerms({ hours }, text, scene)
  const outside = (await mornings(scene.place, scene.tools)).find(
    ({ content }) => !isWithin(minutesOf(content.text) ?? 0, hours),
  )
  if (outside === undefined) return told
  return `${told} Your good morning at ${outside.content.text} is not within these hours: it comes when they begin, and not at all where that is more than two hours later. unprompted morning sets it anew.`
}

async function setLimit(scene: Scene): Promise<string> {
  const most = Number(scene.rest)
  if (!/^\d{1,2}$/.test(scene.rest) || most < 1 || most > limitMost)
    return `Say how often a day, 1 to ${limitMost}: unprompted limit 3. unprompted off lets nothing come at all.`
  return await setTerms(
    { most },
    `You are written to ${most} times a day at most, by all personas together.`,
    scene,
  )
}

async function setZone(scene: Scene): Promise<string> {
  const { place, rest, tools } = scene
  const zone = findZone(rest)
  if (zone === undefined) return 'I know no such place. Say it as in: unprompted zone Europe/Vienna.'
  const text = `Where you are is ${zone}: your hours, and what you want to be reminded of from now on, go by its clocks.`
  const told = await setTerms({ zone }, text, scene)
  // A reminder stays at the moment that it was noted for; a good morning goes by the clock.
  for (const { content } of await mornings(place, tools)) {
    const at = nextMorning(content.text, { now: tools.now(), zone })
    await tools.book.add(place, { kind: 'morning', dueAt: at, content: { ...content, at } })
  }
  return told
}

async function setTerms(
  change: Partial<Terms>,
  text: string,
  { place, tools, receipt }: Scene,
): Promise<string> {
  await tools.book.setTerms(place, { ...place.terms, ...change }, receipt)
  return text
}
