/** For whoever has no signers file yet. */
export const howToSign =
  "It is to have a line for each who may approve, with the key of their .ssh/id_ed25519.pub: " +
  "ada@example.com ssh-ed25519 AAAAC3Nza...";
