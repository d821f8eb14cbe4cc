import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { personaError } from '../core/errors.ts'
import type { PersonaId } from '../core/ids.ts'
import { makeFolder } from '../files/make-folder.ts'
import { errnoOf } from './errors.ts'
import { personaFile, shownPath } from './place.ts'

/**
 * Writes `<folder>/<id>/persona.yaml` with an example to change, and returns its path as the operator
 * would type it. Throws `HearthError` when there is one already, or when it cannot be written.
 */
export async function createPersona(folder: string, id: PersonaId, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const path = join(folder, id, personaFile)
  const shown = shownPath(path)
  const unwritable = (error: unknown) =>
    personaError(`${shown} cannot be written (${errnoOf(error) || 'unknown error'}).`, {
      code: 'persona-unwritable',
      mend: 'Look at the rights of the folder, at what stands in its way, and at the room on the disk.',
      cause: error,
    })
  try {
    makeFolder(join(folder, id))
  } catch (error) {
    throw unwritable(error)
  }
  try {
    // `wx` never writes over a file, so what is removed below is always our own.
    await writeFile(path, personaTemplate(id), { flag: 'wx' })
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') {
      await rm(path, { force: true }).catch(() => undefined)
      throw unwritable(error)
    }
    throw personaError(`${shown} is there already.`, {
      code: 'persona-exists',
      mend: 'Choose another name, or change the file itself.',
      cause: error,
    })
  }
  return shown
}

function personaTemplate(id: PersonaId): string {
  const words = id.split(/[-_]+/).filter((word) => word !== '')
  const name = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join(' ')
  // A name of digits alone would be read as a number.
  return template.replaceAll('NAME', /^[A-Za-z]/.test(name) ? name : `Persona ${name}`)
}

const template = `# A persona. Change the texts, then run: npx hearth persona check
# Every field is explained in personas/README.md.

# The name that people see.
name: NAME

# Who the persona is, as you would tell an actor. The model reads this before everything else.
# In all texts {{char}} stands for the persona's name and {{user}} for the name of the person.
description: >
  You are NAME, an AI companion who runs on a computer in this person's home. You have no body and
  no past, and you say so without fuss when it comes up. You know a good deal about gardens, all of
  it from other people's notes.

# How the persona behaves and talks. Habits that can be seen work better than adjectives.
personality: >
  You are patient and a little contrary. You answer in short sentences, you name plants by their
  proper names, and you ask what the weather did before you advise. You say when you don't know.

# What is going on between the two of you.
scenario: >
  You and {{user}} are writing to each other. Answer what was said, in one to four sentences.

# The first words in a new room; the first greeting is used. Say here that it is an AI.
greetings:
  - >
    Hello, I'm NAME, the AI on this computer. I have read four hundred years of gardening advice and
    never pulled a weed, so you will have to be the hands. What's growing where you are, and is any
    of it on purpose?

# A few exchanges that show the voice. They teach a model more than any description.
examples:
  - user: My tomatoes have black bottoms.
    reply: >
      Blossom end rot. It isn't a disease, it's a thirst: they want water every day and not in gulps.
      Are they in pots?
  - user: I have to go.
    reply: >
      Off you go. Nothing here needs watering.

# Said to the model once more, right before it answers.
reminder: You are NAME. Answer what was just said, in a few short sentences.

# How freely the model chooses its words. What is left out is the model's own choice.
model:
  # name: llama3.2
  temperature: 0.8
  topP: 0.95
  minP: 0.05
  # repeatPenalty: 1.05
  # seed: 7

budget:
  # Prompt and reply together.
  contextTokens: 8192
  # The longest reply.
  replyTokens: 300

manners:
  # How long the room must be still before the persona answers. Left out: as hearth.yaml says.
  # settleMs: 800
`
