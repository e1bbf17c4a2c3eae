/** What people call the attributes of presence and their usual values. Other values may always be typed. */

export interface AttributeWords {
  readonly label: string;
  /** Usual values; where `isClosed` there are no others. */
  readonly values: readonly string[];
  readonly isClosed?: true;
}

const words: Readonly<Record<string, AttributeWords>> = {
  online: { label: 'online', values: ['true', 'false'], isClosed: true },
  availability: { label: 'availability', values: ['available', 'not-available', 'discreet'], isClosed: true },
  mood: {
    label: 'mood',
    values: [
      'happy',
      'calm',
      'angry',
      'annoyed',
      'anxious',
      'bored',
      'excited',
      'in_love',
      'sad',
      'sleepy',
      'stressed',
    ],
  },
  activity: {
    label: 'activity',
    values: [
      'appointment',
      'away',
      'busy',
      'in-transit',
      'meal',
      'meeting',
      'on-the-phone',
      'presentation',
      'sleeping',
      'travel',
      'vacation',
      'working',
    ],
  },
  'place-type': { label: 'place', values: ['home', 'office', 'outdoors', 'public', 'restaurant', 'train', 'vehicle'] },
  privacy: { label: 'privacy', values: ['audio', 'text', 'video'] },
  sphere: { label: 'sphere', values: ['home', 'work'] },
  'user-input': { label: 'at the keyboard', values: ['active', 'idle'] },
  'status-text': { label: 'status text', values: [] },
  language: { label: 'language', values: ['en', 'de', 'fr', 'es'] },
  'client-type': { label: 'kind of client', values: ['mobile', 'pc', 'web'] },
  willingness: { label: 'willingness', values: ['open', 'closed'] },
};

export function wordsOf(attribute: string): AttributeWords {
  return words[attribute] ?? { label: attribute.replace(/^x-/, '').replaceAll('-', ' '), values: [] };
}

/** The attributes of a profile, in the order in which people think of them. */
export const attributeNames: readonly string[] = Object.keys(words);

export function valueLabel(value: string): string {
  if (value === 'not-available') return 'busy';
  return value.replaceAll(/[-_]/g, ' ');
}
