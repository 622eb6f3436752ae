// Reads a stream with Node's fetch and eventsource-parser, as often as it is asked to.
//
// Arguments: the parser's module, and a URL. It answers each line on standard input with one on standard
// output: `digest` with the number of events and a digest of their data, after it has warmed up; `cpu` with the milliseconds of CPU
// that one reading took, from before the connection is made; user and system, all threads.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { StringDecoder } from "node:string_decoder";
import { pathToFileURL } from "node:url";

const [modulePath, url] = process.argv.slice(2);
const { createParser } = await import(pathToFileURL(modulePath));
const WARM_UPS = 10; // after so many readings its compiler has nothing left to do
const headers = { Accept: "text/event-stream", "Cache-Control": "no-cache", "Accept-Encoding": "identity" };

async function read(onEvent) {
  const response = await fetch(url, { headers });
  const decoder = new StringDecoder("utf8"); // the faster one of Node's two decoders
  const parser = createParser({ onEvent });
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parser.feed(decoder.write(part.value));
  }
}

async function digest() {
  for (let reading = 0; reading < WARM_UPS; reading += 1) await cpu();
  const hash = createHash("sha256");
  let count = 0;
  await read((event) => {
    count += 1;
    hash.update(`${event.data}\n`);
  });
  return `${count} ${hash.digest("hex")}`;
}

let data; // out here, so that reading it is not optimised away

async function cpu() {
  const start = process.cpuUsage();
  await read((event) => (data = event.data));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(line === "digest" ? await digest() : await cpu());
}
