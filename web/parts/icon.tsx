/** Icons as strokes in the colour of the text around them; never the only name of anything. */

const paths = {
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.5l4.5 4.5L19 7.500',
  checks: 'M2.500 12.500l4.500 4.500 9.500-9.500M11.500 16.500l.5.500 9.500-9.500',
  clock: 'M12 7v5.500l3.500 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  close: 'M6 6l12 12M18 6L6 18',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  envelope: 'M3 6.500h18v11.500H3zM3 7l9 6.500L21 7',
  gear: 'M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM12 2.500v3M12 18.500v3M4 7l2.500 1.500M17.500 15.500L20 17M4 17l2.500-1.500M17.500 8.500L20 7',
  hold: 'M7 3h10M7 21h10M8 3c0 5 8 5.500 8 9s-8 4-8 9M16 3c0 5-8 5.500-8 9s8 4 8 9',
  inbox: 'M3 13l3-8h12l3 8v6H3zM3 13h5.500c0 4 7 4 7 0H21',
  info: 'M12 11v6M12 7.500v.010M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  out: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M19.500 12a7.500 7.500 0 1 1-2.200-5.300M19.500 3.500v4.500H15',
  send: 'M4 12l16-8-5 16-3.500-6.500zM11.500 13.500L20 4',
  shield: 'M12 3l7.500 3v5.500c0 5-3.500 8-7.500 9.500-4-1.500-7.500-4.500-7.500-9.500V6z',
  trash: 'M4 7h16M9 7V4.500h6V7M6.500 7l1 13h9l1-13M10 11v5M14 11v5',
  undo: 'M8 6L4 10l4 4M4 10h10a5 5 0 0 1 0 10h-3',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17.300v.010',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
