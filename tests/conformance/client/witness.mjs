// What a client saw of a run: the steps and their results in order, how long each call took by
// its own stopwatch, and the ids that came back in the headers of its requests.

const KEPT = ["x-request-id", "x-correlation-id", "mcp-session-id"];

export class Witness {
  #step = "before";
  #pending = new Set();
  #send;
  transcript = []; // What must be the same with and without a proxy.
  requests = []; // JSON-RPC requests that were POSTed, with the response's headers.
  calls = []; // Steps that are one call each, with the stopwatch.

  /** @param send what really fetches */
  constructor(send = fetch) {
    this.#send = send;
  }

  /** A fetch that notes the requests that pass through it, and changes nothing. */
  fetch = (url, init) => {
    const noted = this.#note(init);
    const response = this.#send(url, init).then((answer) => {
      for (const request of noted) {
        request.http_status = answer.status;
        for (const name of KEPT) request[name] = answer.headers.get(name);
      }
      return answer;
    });
    const settled = response.catch(() => {}).finally(() => this.#pending.delete(settled));
    if (noted.length) this.#pending.add(settled);
    return response;
  };

  /** When each request has the headers of its response; over HTTP+SSE they may come after the result. */
  async settled() {
    await Promise.all(this.#pending);
  }

  #note(init) {
    if (init?.method !== "POST" || typeof init.body !== "string") return [];
    const parsed = JSON.parse(init.body);
    const session = new Headers(init.headers).get("mcp-session-id");
    const noted = (Array.isArray(parsed) ? parsed : [parsed])
      .filter((message) => message.method !== undefined && message.id !== undefined)
      .map(({ id, method, params }) => ({ step: this.#step, id, method, name: params?.name, session }));
    this.requests.push(...noted);
    return noted;
  }

  say(what) {
    this.transcript.push([this.#step, what]);
  }

  /** One step; a rejection is a result like any other. */
  async step(name, run) {
    this.#step = name;
    try {
      this.say({ result: await run() });
    } catch (error) {
      this.say({ rejected: error?.code ?? error?.name, message: String(error?.message).slice(0, 200) });
    }
  }

  /** A step that is one call of a tool, which ends as `status` says, if that is known. */
  async call(tool, status, run) {
    const began = performance.now();
    await this.step(`call ${tool} ${this.calls.length}`, run);
    this.calls.push({ step: this.#step, tool, status, took_ms: performance.now() - began });
  }

  seen() {
    const { transcript, requests, calls } = this;
    return { transcript, requests, calls };
  }
}

/** A promise that resolves when `holds` does, looked at now and then. */
export async function until(holds, what, milliseconds = 20_000) {
  const deadline = performance.now() + milliseconds;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
