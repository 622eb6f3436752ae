// Reads many streams at once with Node's http and eventsource-parser, once.
//
// Arguments: the parser's module, a URL, the number of streams, and that of the events of each. It prints
// what many_reader.py prints, measured in the same way.

import { Agent, get } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { pathToFileURL } from "node:url";

const [modulePath, url, streams, events] = process.argv.slice(2);
const { createParser } = await import(pathToFileURL(modulePath));
const headers = { Accept: "text/event-stream", "Cache-Control": "no-cache", "Accept-Encoding": "identity" };
const LOOK = 500; // milliseconds between two looks at the memory
const AT_ONCE = 100; // connections that are being made at a time

const lags = new Float64Array(streams * events).fill(0); // taken at the start, so that no stream is blamed
let noted = 0;

function open(agent) {
  return new Promise((resolve, reject) => get(url, { headers, agent }, resolve).on("error", reject));
}

function readStream(response) {
  return new Promise((resolve, reject) => {
    let count = 0;
    let number = "";
    const onEvent = ({ data }) => {
      const [sent, name] = data.slice(0, 27).split(" ");
      lags[noted++] = Number(process.hrtime.bigint() - BigInt(sent));
      number = name;
      count += 1;
    };
    const decoder = new StringDecoder("utf8");
    const parser = createParser({ onEvent });
    response.on("data", (piece) => parser.feed(decoder.write(piece)));
    response.on("end", () => resolve(`${count} ${number}`));
    response.on("error", reject);
  });
}

function percentile(share) {
  const sorted = lags.slice(0, noted).sort();
  return sorted[Math.floor(share * (noted - 1))] / 1e6;
}

console.log(String(process.hrtime.bigint()));
const before = process.memoryUsage.rss();
let peak = 0;
const agent = new Agent({ maxSockets: Infinity });
const responses = [];
while (responses.length < streams) {
  const length = Math.min(AT_ONCE, streams - responses.length);
  responses.push(...(await Promise.all(Array.from({ length }, () => open(agent)))));
}
const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), LOOK);
const start = process.cpuUsage();
const ends = await Promise.all(responses.map(readStream));
const { user, system } = process.cpuUsage(start);
clearInterval(watching);
console.log(
  JSON.stringify({
    cpu: (user + system) / 1000,
    lag: percentile(0.99),
    median: percentile(0.5),
    memory: (peak - before) / 1024 / streams,
    ends: [...new Set(ends)].sort(),
  }),
);
