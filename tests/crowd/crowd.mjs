#!/usr/bin/env node
// Very many clients at once, of both eras, each with its own connection, name and payloads; each
// checks that whatever comes back is its own.
//
//   node crowd.mjs URL CLIENTS CALLS [--seed N] [--pause MS] [--witness FILE]
//
// CALLS are shared out among the clients.  --witness writes one JSON line a call: its ids, tool,
// session and the stopwatch.  Prints the counts as JSON.

import { Agent, request as ask } from "node:http";
import { createWriteStream } from "node:fs";

const [url, clients, calls, ...flags] = process.argv.slice(2);
const option = (name, otherwise) => (flags.includes(name) ? flags[flags.indexOf(name) + 1] : otherwise);
const pauseMax = Number(option("--pause", 20));
const witness = option("--witness") && createWriteStream(option("--witness"));

/** A small generator of random numbers that a seed repeats (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const counts = { calls: 0, answered: 0, lost: 0, crossed: 0, streamed: 0, told: 0, untold: 0, sessions: 0, reconnects: 0 };
const examples = [];

function complain(kind, what) {
  counts[kind] += 1;
  if (examples.length < 10) examples.push(`${kind}: ${what}`);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One exchange; resolves with status, headers and the whole body. */
function exchange(agent, method, headers, body, onData) {
  return new Promise((resolve, reject) => {
    const asked = ask(url, { method, agent, headers });
    asked.setNoDelay(true);
    asked.on("error", reject);
    asked.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (onData ? onData(chunk) : (text += chunk)));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
      response.on("error", reject);
    });
    asked.end(body);
  });
}

/** The JSON-RPC messages of a body of either kind. */
function messagesOf({ headers, text }) {
  if (!headers["content-type"]?.startsWith("text/event-stream")) return text ? [JSON.parse(text)] : [];
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data));
}

class OneClient {
  constructor(number, random) {
    this.name = `client-${number}`;
    this.random = random;
    this.modern = random() < 0.5;
    this.agent = new Agent({ keepAlive: true, maxSockets: 2 });
    this.nextId = Math.floor(random() * 5); // Ids repeat among clients, as they do in life.
    this.expected = new Set(); // Payloads that the session's stream has yet to tell.
  }

  headers(method, name) {
    const common = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    if (this.modern) return { ...common, "mcp-protocol-version": "2026-07-28", "mcp-method": method, "mcp-name": name };
    return { ...common, "mcp-protocol-version": "2025-11-25", ...(this.session ? { "mcp-session-id": this.session } : {}) };
  }

  async open() {
    if (this.modern) return;
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: this.name, version: "1" } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: this.nextId++, method: "initialize", params });
    const { headers } = await exchange(this.agent, "POST", this.headers("initialize"), body);
    this.session = headers["mcp-session-id"];
    counts.sessions += 1;
    if (witness) this.#witness({ method: "initialize", session: this.session }, headers);
    if (this.random() < 0.25) await this.#listen();
  }

  /** The session's own stream, on a connection of its own; open when its first bytes are there. */
  #listen() {
    return new Promise((opened, failed) => {
      let held = "";
      const onData = (chunk) => {
        opened();
        const lines = (held + chunk).split("\n");
        held = lines.pop();
        for (const line of lines) if (line.startsWith("data: ")) this.#told(JSON.parse(line.slice(6)));
      };
      this.listening = exchange(new Agent(), "GET", this.headers(), undefined, onData).catch(failed);
    });
  }

  #told({ params }) {
    counts.told += 1;
    if (params.data.client !== this.name || !this.expected.delete(params.data.payload)) {
      complain("crossed", `${this.name} was told ${JSON.stringify(params.data)}`);
    }
  }

  async call() {
    const id = this.nextId++;
    const long = this.random() < 0.02 ? 20_000 : Math.floor(this.random() * 400);
    const payload = `${this.name}-${id}-${"p".repeat(long)}`;
    const args = { client: this.name, payload };
    if (this.random() < 0.3) args.stream = true;
    if (this.random() < 0.1) args.server_delay_ms = Math.ceil(this.random() * 30);
    if (this.listening && this.random() < 0.5) {
      args.notify = true;
      this.expected.add(payload);
    }
    const _meta = { progressToken: `${this.name}-${id}` };
    if (this.modern) {
      _meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
      _meta["io.modelcontextprotocol/clientCapabilities"] = {};
      _meta["io.modelcontextprotocol/clientInfo"] = { name: this.name, version: "1" };
    }
    const params = { name: "whose", arguments: args, _meta };
    const body = JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
    const began = performance.now();
    counts.calls += 1;
    try {
      const answer = await exchange(this.agent, "POST", this.headers("tools/call", "whose"), body);
      this.#check(answer, id, args);
      if (witness) {
        const took_ms = performance.now() - began;
        this.#witness({ method: "tools/call", name: "whose", session: this.session, took_ms }, answer.headers);
      }
    } catch (error) {
      complain("lost", `${this.name} ${id}: ${error.message}`);
    }
  }

  #check(answer, id, { payload, stream }) {
    const messages = messagesOf(answer);
    const result = messages.at(-1);
    const wanted = `${this.session ?? "none"}|${this.name}|${payload}`;
    if (answer.status !== 200 || messages.length !== (stream ? 2 : 1)) {
      return complain("lost", `${this.name} ${id}: ${answer.status} ${answer.text.slice(0, 100)}`);
    }
    counts.answered += 1;
    if (stream) counts.streamed += 1;
    const token = stream ? messages[0].params.progressToken : `${this.name}-${id}`;
    if (result.id !== id || result.result?.content?.[0]?.text !== wanted || token !== `${this.name}-${id}`) {
      complain("crossed", `${this.name} ${id} got ${answer.text.slice(0, 200)}`);
    }
  }

  #witness(call, headers) {
    const ids = { "x-request-id": headers["x-request-id"], "x-correlation-id": headers["x-correlation-id"] };
    witness.write(`${JSON.stringify({ ...call, ...ids, http_status: 200 })}\n`);
  }

  async run(share) {
    await sleep(this.random() * pauseMax * 5);
    await this.open();
    for (let at = 0; at < share; at += 1) {
      await this.call();
      if (pauseMax) await sleep(this.random() * pauseMax);
      if (this.random() < 0.005) {
        this.agent.destroy();
        this.agent = new Agent({ keepAlive: true, maxSockets: 2 });
        counts.reconnects += 1;
      }
    }
    if (this.session) await exchange(this.agent, "DELETE", this.headers(), undefined);
    await this.listening; // Ends with the session.
    counts.untold += this.expected.size;
    this.agent.destroy();
  }
}

const random = randomFrom(Number(option("--seed", 1)));
const began = performance.now();
const shareOf = (at) => Math.floor((Number(calls) + at) / Number(clients)); // Sums up to CALLS.
const all = Array.from({ length: Number(clients) }, (_, at) => new OneClient(at, randomFrom(random() * 2 ** 32)));
await Promise.all(all.map((client, at) => client.run(shareOf(at)).catch((error) => complain("lost", `${client.name}: ${error.message}`))));
if (witness) await new Promise((resolve) => witness.end(resolve));
const seconds = (performance.now() - began) / 1000;
process.stdout.write(JSON.stringify({ ...counts, seconds, examples }), () => process.exit(0));
