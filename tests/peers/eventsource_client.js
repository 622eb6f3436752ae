// The npm package eventsource, reading a URL: prints a line of JSON for each event, until the server says that
// there is no more.
"use strict";

const { EventSource } = require("eventsource");

const [url, ...types] = process.argv.slice(2);
const source = new EventSource(url);
const print = (line) => console.log(JSON.stringify(line));

for (const type of ["message", ...types]) {
  source.addEventListener(type, (event) => print([event.type, event.data, event.lastEventId]));
}
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) print(["closed"]);
});
