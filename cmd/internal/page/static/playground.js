// The playground: the engine in this page, compiled to WebAssembly, instead of toshy on this machine.
import { Failure } from "./failure.js";
import * as shortcuts from "./shortcuts.js";
import * as rules from "./rules.js";
import * as tryout from "./tryout.js";

const go = new Go();
const packed = await fetch("toshy.wasm.gz");
const engine = new Response(packed.body.pipeThrough(new DecompressionStream("gzip")), { headers: { "Content-Type": "application/wasm" } });
const { instance } = await WebAssembly.instantiateStreaming(engine, go.importObject);
go.run(instance);

/** ask asks the engine. Its answer is {"value"} or {"failure"}. */
function ask(name, body) {
  const a = JSON.parse(globalThis.toshyCall(name, JSON.stringify(body)));
  if (a.failure) throw new Failure(a.failure);
  return a.value;
}

globalThis.toshyPlayground = {
  live: false,
  panes: [tryout, rules, shortcuts],
  call: async (name, body = {}) => ask(name, body),
};
await import("./app.js");
