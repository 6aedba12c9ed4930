// node load/load.mjs <url> <requests>: asks for a price so often, eight times at once; any other answer than 200 ends it.
const [url = "", count = "1"] = process.argv.slice(2);
const total = Number(count);
let asked = 0;
const visitor = async () => {
  while (asked++ < total) {
    const { status } = await fetch(url);
    if (status !== 200) throw new Error(`${url} answered ${status}`);
  }
};
await Promise.all(Array.from({ length: 8 }, visitor));
console.log(`${total} requests, each answered 200`);
