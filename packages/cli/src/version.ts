/** Of the program. A test holds it to package.json, which a bundle would not carry along. */
export const version = '0.1.0';
