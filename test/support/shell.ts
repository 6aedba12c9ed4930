/** What a program needs of the shell that runs the tests: where programs are, and what Node compiled for those before it. */
export const shell = {
  PATH: process.env["PATH"],
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
};
