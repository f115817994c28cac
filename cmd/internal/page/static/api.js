// Questions to toshy-ui, and what it tells by itself. The playground brings its own: see playground.js.

import { Failure } from "./failure.js";

const key = () => sessionStorage.getItem("toshy-key") || "";

const remote = {
  live: true,

  /** call sends one request. */
  async call(name, body = {}) {
    let answer;
    try {
      answer = await fetch("api/" + name, { method: "POST", headers: { "Content-Type": "application/json", "X-Toshy-Key": key() }, body: JSON.stringify(body) });
    } catch {
      throw new Failure({ error: "The page has lost toshy ui", hint: "toshy ui" });
    }
    if (answer.status === 401) throw new Failure({ error: "This page has no session", hint: "toshy ui" });
    const value = await answer.json();
    if (!answer.ok) throw new Failure(value);
    return value;
  },

  /** follow tells events until stop is aborted: what it looks at is "live", "keys" or "none". seen is the version of the file that
   * the page has. */
  async follow(what, seen, tell, stop) {
    const answer = await fetch(`api/events?look=${what}&file=${seen}`, { headers: { "X-Toshy-Key": key() }, signal: stop });
    if (!answer.ok) throw new Failure({ error: "This page has no session", hint: "toshy ui" });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      let end;
      while ((end = text.indexOf("\n\n")) >= 0) {
        const event = text.slice(0, end).match(/^event: (.*)\ndata: (.*)$/);
        text = text.slice(end + 2);
        if (event) tell(event[1], JSON.parse(event[2]));
      }
    }
  },
};

/** api is what answers. The playground's page loads its own before the rest. */
export const api = globalThis.toshyPlayground || remote;
