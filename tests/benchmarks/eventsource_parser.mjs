// Reads a file of events with eventsource-parser, as often as it is asked to, and times itself.
//
// Arguments: the parser's module, and a file: a line with the pieces' lengths as JSON, then their bytes.
// It answers each line on standard input with one on standard output: `digest` with the number of events
// and a digest of all their fields, `time` with the milliseconds that one reading took.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { StringDecoder } from "node:string_decoder";
import { pathToFileURL } from "node:url";

const [modulePath, dataPath] = process.argv.slice(2);
const { createParser } = await import(pathToFileURL(modulePath));

function loadPieces() {
  const bytes = readFileSync(dataPath);
  let position = bytes.indexOf(10) + 1;
  return JSON.parse(bytes.toString("utf8", 0, position)).map((length) => {
    const start = position;
    position += length;
    return bytes.subarray(start, position);
  });
}

function read(pieces, onEvent, onRetry) {
  // It takes text, so that decoding is part of the work. Of Node's two decoders this is the faster one.
  const decoder = new StringDecoder("utf8");
  const parser = createParser({ onEvent, onRetry });
  for (const piece of pieces) parser.feed(decoder.write(piece));
}

function digest(pieces) {
  const hash = createHash("sha256");
  let count = 0;
  let retry = "";
  read(
    pieces,
    (event) => {
      count += 1;
      hash.update(`${event.event ?? "message"}\n${event.id ?? ""}\n${retry}\n${event.data}\n`);
      retry = "";
    },
    (milliseconds) => (retry = milliseconds),
  );
  return `${count} ${hash.digest("hex")}`;
}

let type, id, data, retry; // out here, so that reading a field is not optimised away

function time(pieces) {
  const start = performance.now();
  read(
    pieces,
    (event) => {
      type = event.event;
      id = event.id;
      data = event.data;
    },
    (milliseconds) => (retry = milliseconds),
  );
  return performance.now() - start;
}

const pieces = loadPieces();
for await (const line of createInterface({ input: process.stdin })) {
  console.log(line === "digest" ? digest(pieces) : time(pieces));
}
