// The AI SDK's UI message stream, of a model that is a list of chunks. Prints its port when it listens.
// /tokens thinks, says the text and calls a tool; /late fails after a piece of the text; /early before any.
"use strict";

const http = require("node:http");
const { jsonSchema, simulateReadableStream, streamText } = require("ai");
const { MockLanguageModelV3 } = require("ai/test");

const { words, error, usage } = JSON.parse(process.argv[2]);

const counts = {
  inputTokens: { total: usage.input, noCache: usage.input, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: usage.output, text: usage.output, reasoning: 0 },
};
const say = (deltas) => deltas.map((delta) => ({ type: "text-delta", id: "t", delta }));
const call = { type: "tool-call", toolCallId: "call-1", toolName: "look", input: '{"at":"water"}' };
const failure = { type: "error", error: new Error(error) };
const end = (reason) => ({ type: "finish", finishReason: { unified: reason, raw: reason }, usage: counts });

const answers = {
  "/tokens": [
    { type: "reasoning-start", id: "r" },
    { type: "reasoning-delta", id: "r", delta: "hm" },
    { type: "reasoning-end", id: "r" },
    { type: "text-start", id: "t" },
    ...say(words),
    { type: "text-end", id: "t" },
    call,
    end("tool-calls"),
  ],
  "/cut": [{ type: "text-start", id: "t" }, ...say(words), { type: "text-end", id: "t" }, end("length")],
  "/late": [{ type: "text-start", id: "t" }, ...say(words.slice(0, 1)), failure],
  "/early": [failure],
};

const tools = { look: { inputSchema: jsonSchema({ type: "object" }) } };

function answer(request, response) {
  const chunks = [{ type: "stream-start", warnings: [] }, ...answers[request.url]];
  const stream = simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null });
  const model = new MockLanguageModelV3({ doStream: async () => ({ stream }) });
  const result = streamText({ model, tools, prompt: "?", onError: () => {} });
  result.pipeUIMessageStreamToResponse(response, {
    messageMetadata: ({ part }) => (part.type === "finish" ? { usage: part.totalUsage } : undefined),
    onError: (fault) => fault.message,
  });
}

const server = http.createServer(answer);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
