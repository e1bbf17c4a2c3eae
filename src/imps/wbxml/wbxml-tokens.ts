/** The global tokens of WBXML 1.3 that the CSP uses (section 7.1), and the bits of a tag (5.8.2). */
export const switchPage = 0x00;
export const end = 0x01;
export const entity = 0x02;
export const inlineString = 0x03;
export const literal = 0x04;
export const valueToken = 0x80;
export const tableString = 0x83;
export const opaque = 0xc3;

export const hasContent = 0x40;
export const hasAttributes = 0x80;
export const tokenBits = 0x3f;

/** MIBenum numbers of the character sets that are read. */
export const charsets = { unknown: 0, usAscii: 3, latin1: 4, utf8: 106 } as const;
