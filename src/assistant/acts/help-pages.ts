/** What `help` says: by example, a page for each topic. */
import type { Topic } from '../reading/command.ts';
import type { Lines } from './asking.ts';

export const welcome: Lines = [
  'Write to me in plain words. For example:',
  'list - what waits for you',
  'get 2 - send me number 2; get from tom - everything of tom',
  'when availability is available to mary: call me',
  'outbox; recall 3',
  'mood happy; status back at two',
  'allow john mood; who asks',
  'block tom; reports on',
  'Say "help when", "help get", "help mood" and so on for more.',
];

export const helpPages: Readonly<Record<Topic, Lines>> = {
  list: ['list - what is ready for you, with numbers', 'list from tom - everything of tom', 'more - what did not fit'],
  get: [
    'get 2 - sends you number 2 of the list',
    'get 2 and 3; get all',
    'get from tom - everything that tom wrote, whatever it waits for',
    'What your client takes is delivered.',
  ],
  reject: ['reject 2 - you do not want number 2 of the list; its sender is told so who asked for reports'],
  send: ['to mary: hello - sends it now, or when mary comes', 'to ann@example.com: hello'],
  when: [
    'Say when CONDITION to NAME: TEXT. For example:',
    'when availability is available to mary: call me',
    'when mood changes from angry to mary: are you well?',
    'when online and time within 09:00-17:00 on mon-fri to mary: a word?',
    'You can use what mary lets you see.',
  ],
  outbox: ['outbox - what you sent and was not delivered yet, with numbers for recall and change'],
  recall: ['recall 3 - takes number 3 of your outbox back'],
  change: ['change 3 to when mood is happy', 'change 3 to now - without a condition'],
  mood: [
    'mood happy; mood happy and tired',
    'availability not-available; available',
    'activity meeting; place-type home',
    'status back at two',
    'mood none - takes it back',
    'mood - what it is',
  ],
  rules: [
    'who may see me - the rules',
    'allow john mood; allow john mood and activity',
    'allow everybody status; allow john everything',
    'disallow john mood; disallow john',
  ],
  requests: ['who asks - who waits to see you', 'confirm john; deny john'],
  block: ['block tom - take nothing from tom', 'unblock tom; blocked - whom you block'],
  reports: ['reports on - I tell you what becomes of your messages', 'reports off; reports'],
  delivery: ['delivery push, notify or pull - how your clients over HTTP get what waits'],
};
