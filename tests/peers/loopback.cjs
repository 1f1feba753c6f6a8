// Node programs that listen without a host take all interfaces. This keeps them on this machine.
const net = require("node:net");
const listen = net.Server.prototype.listen;
const HOST = "127.0.0.1";

net.Server.prototype.listen = function (first, second, ...rest) {
  if (first && typeof first === "object" && first.port !== undefined && !first.host) {
    return listen.call(this, { ...first, host: HOST }, second, ...rest);
  }
  const isPort = typeof first === "number" || (typeof first === "string" && /^\d+$/.test(first));
  if (isPort && typeof second !== "string") return listen.call(this, first, HOST, second, ...rest);
  if (first === undefined || typeof first === "function") return listen.call(this, 0, HOST, first);
  return listen.call(this, first, second, ...rest);
};
