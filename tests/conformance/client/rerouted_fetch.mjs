// A fetch for which a server's name leads elsewhere, as when DNS or a balancer sends a public
// name to a proxy: the URL and Host stay what they are, only the connection goes to another place.

import { request as ask } from "node:http";
import { Readable } from "node:stream";

/** @param {string} routes "HOST:PORT=ADDRESS:PORT"; of other hosts nothing changes */
export function reroutedFetch(routes) {
  const [name, place] = routes.split("=");
  const [host, port] = place.split(":");
  return (input, init = {}) => {
    const url = new URL(input);
    if (url.host !== name) return fetch(input, init);
    const { method = "GET", body, signal } = init;
    const headers = { ...Object.fromEntries(new Headers(init.headers)), host: name };
    return new Promise((resolve, reject) => {
      const asked = ask({ host, port, path: url.pathname + url.search, method, headers, signal });
      asked.on("error", reject);
      asked.on("response", (answer) => {
        const bodiless = [204, 304].includes(answer.statusCode);
        const stream = bodiless ? null : Readable.toWeb(answer);
        resolve(new Response(stream, { status: answer.statusCode, headers: answer.headers }));
      });
      asked.end(body);
    });
  };
}
